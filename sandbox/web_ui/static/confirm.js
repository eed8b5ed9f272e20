// "Are you sure?" in the words of the button that was pressed.

const dialog = document.querySelector("dialog.confirm");

// Whether the person agrees; a control without a question is agreed to.
export function agreed(control) {
  const asked = control.dataset;
  if (!asked.confirmTitle && !asked.confirmText) return Promise.resolve(true);
  dialog.querySelector("h2").textContent = asked.confirmTitle ?? "";
  dialog.querySelector("p").textContent = asked.confirmText ?? "";
  dialog.querySelector(".ok").textContent = asked.confirmOk ?? "Yes";
  dialog.querySelector(".deny").textContent = asked.confirmDeny ?? "No";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}
