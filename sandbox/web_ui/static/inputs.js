// What stands in the controls of a form, in the shapes that Slack reports.

// The value of one control: text, an option, several, an id, a date or seconds; null for nothing.
export function chosen(control) {
  if (control.matches("fieldset, [role=group], [role=radiogroup]")) {
    const on = [...control.querySelectorAll("input:checked")].map((each) => each.value);
    return control.querySelector("input[type=radio]") ? (on[0] ?? null) : on;
  }
  if (control.type === "checkbox") return control.checked ? [control.value] : [];
  if (control.localName === "select" && control.multiple) return [...control.selectedOptions].map((each) => each.value);
  if (control.dataset.seconds && !control.dataset.dirty) return Number(control.dataset.seconds);
  if (control.type === "datetime-local") return control.value ? Math.floor(new Date(control.value).getTime() / 1000) : null;
  return control.value === "" ? null : control.value;
}

// All controls of a form by block and action. Choices that share both are gathered into one value.
export function values(form) {
  const found = {};
  for (const control of form.querySelectorAll("[data-block][data-action][data-kind]")) {
    const { block, action, kind } = control.dataset;
    if (kind === "button" || control.localName === "button") continue;
    const actions = (found[block] ??= {});
    if (control.type === "radio") actions[action] = control.checked ? control.value : (actions[action] ?? null);
    else if (control.type === "checkbox") actions[action] = [...(actions[action] ?? []), ...chosen(control)];
    else actions[action] = chosen(control);
  }
  return found;
}

// Whether a form can be sent. What is missing or cannot be right is said beside it, as Slack's own window does.
export function complete(form) {
  for (const old of form.querySelectorAll(".error.here")) old.remove();
  const wrong = [];
  for (const field of form.querySelectorAll(".input")) {
    const control = field.matches("fieldset") ? field : field.querySelector("[data-kind]");
    const unchosen = field.matches("fieldset") && !field.querySelector(".optional") && !field.querySelector("input:checked");
    const valid = !unchosen && (control?.checkValidity?.() ?? true);
    control?.removeAttribute("aria-invalid");
    if (valid) continue;
    const missing = unchosen || control.validity.valueMissing;
    const said = document.createElement("p");
    said.className = "error here";
    said.id = `${control.id || field.dataset.block}-here`;
    said.textContent = missing ? "Please complete this required field." : control.validationMessage;
    field.append(said);
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", said.id);
    wrong.push(field.querySelector("[data-kind]"));
  }
  wrong[0]?.focus();
  return wrong.length === 0;
}
