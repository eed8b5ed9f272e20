// Asking the stand-in: every act is one POST with who acts and what is meant.

const told = document.querySelector(".told");
let hiding = 0;

export function tell(words) {
  told.textContent = words;
  clearTimeout(hiding);
  if (words) hiding = setTimeout(() => tell(""), 9000);
}

// Does what `name` says; gives the sentence that came back and whether it was done.
export async function ask(name, what = {}) {
  const { as, at } = document.body.dataset;
  try {
    const answer = await fetch(`/act/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ as, channel: at, ...what }),
    });
    const said = answer.headers.get("Content-Type")?.includes("json") ? (await answer.json()).say : await answer.text();
    return { done: answer.ok && !said, say: said };
  } catch {
    return { done: false, say: "The stand-in does not answer. Nothing was sent: try again when it is back." };
  }
}

// The same, with the sentence shown at the foot of the page.
export async function act(name, what) {
  const answer = await ask(name, what);
  if (answer.say) tell(answer.say);
  return answer.done;
}

// Where a conversation is found, for whoever this window belongs to.
export function address(at, thread = "") {
  const query = new URLSearchParams({ as: document.body.dataset.as, at });
  if (thread) query.set("thread", thread);
  return `/?${query}`;
}
