// The look ahead on the page: while its box is ticked, and time rests, the checker says what can still be decided, what
// each next step would make of it, and what an adversary avoids. The page has empty places for that; here they are filled.
import { asker } from "./checker.js";

// Time rests when nothing has happened for so long, ms.
const REST = 150;

let follower;

/** Follows the run for as long as `box` is ticked; `link` gives the link of the run at the present moment. */
export function follow(link, box) {
  follower?.();
  follower = undefined;
  if (!box.checked) return;
  let told;
  let timer;
  const search = asker(({ progress, answer, error }) => {
    told = progress ?? (answer ? { ...answer, complete: true } : { says: error });
    show(told, progress !== undefined);
  });
  const page = box.closest(".page");
  const stop = () => {
    moves.disconnect();
    lists.disconnect();
    clearTimeout(timer);
    search.stop();
    show({});
  };
  const ask = () => {
    const source = link();
    if (source) search.ask({ source, question: { timeouts: 1 }, order: "ahead" });
  };
  const rest = () => {
    // Another run may have no box.
    if (!box.isConnected) return follow(link, { checked: false });
    told = undefined;
    show({ says: "…" }, true);
    clearTimeout(timer);
    timer = setTimeout(ask, REST);
  };
  const moves = new MutationObserver(rest);
  moves.observe(page, { attributeFilter: ["data-event", "data-hash"] });
  // The lists of the side panel are made anew as one looks at them.
  const lists = new MutationObserver(() => told && note(told));
  const side = document.getElementById("side-body");
  if (side) lists.observe(side, { childList: true, subtree: true });
  follower = stop;
  rest();
}

const MARKS = { bivalent: "◐", univalent: "●", decides: "●", undecided: "○", "not settled": "?", chance: "◌" };

/** `busy`: more is being looked at. Until that is done, nobody is to be read what changes a moment later. */
function show(told, busy = false) {
  const { kind, word, says, adversary } = told;
  const place = document.getElementById("ahead-says");
  if (!place) return;
  place.setAttribute("aria-busy", `${busy}`);
  const parts = [];
  if (word) parts.push(element("b", `${MARKS[kind] ?? ""} ${word}`, kind));
  if (says) parts.push(element("span", word ? `${says}.` : says));
  if (adversary) {
    const { picks, avoids } = adversary;
    if (picks) parts.push(element("span", `Next: ${picks}.`));
    if (avoids.length > 0) {
      const more = avoids.length > 2 ? `; and ${avoids.length - 2} more` : "";
      parts.push(element("span", `Avoided: ${avoids.slice(0, 2).join("; ")}${more}.`));
    }
  }
  place.replaceChildren(...parts);
  note(told);
}

function element(tag, text, kind) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (kind) made.dataset.kind = kind;
  return made;
}

/** Beside every message that it delivers, what a step makes of the moment; the other steps as a list of their own. */
function note({ steps = [], complete }) {
  const by = new Map(steps.flatMap((step) => step.messages.map((message) => [`${message}`, step])));
  for (const place of document.querySelectorAll("[data-message]")) {
    const step = by.get(place.dataset.message);
    const none = complete ? "○ Delivering it changes nothing" : "";
    fill(place, step ? `${MARKS[step.kind]} Delivering it ${phrase(step)}` : none, step?.kind);
  }
  const list = document.getElementById("ahead-steps");
  if (!list) return;
  const others = steps.filter((step) => step.messages.length === 0);
  const lines = others.map((step) => `${MARKS[step.kind]} ${step.step}: ${step.makes}`);
  if (list.dataset.told !== lines.join()) {
    list.dataset.told = lines.join();
    list.replaceChildren(...others.map((step, at) => element("li", lines[at], step.kind)));
  }
}

function phrase({ kind, makes }) {
  return kind === "not settled" || kind === "undecided" ? `leads where ${makes}` : makes;
}

function fill(place, text, kind = "") {
  if (place.textContent === text) return;
  place.textContent = text;
  place.dataset.kind = kind;
}
