// Best to worst: every list gets a place from 1; two lists may share one. By buttons, or by the letters in order.

function placeButtons(slot, count, session) {
  const group = make("span", "places");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", `Place of list ${LETTERS[slot]}`);
  for (let place = 1; place <= count; place += 1) {
    const node = button("place", String(place), () => session.place(slot, place));
    node.dataset.slot = String(slot);
    node.dataset.place = String(place);
    node.setAttribute("aria-label", `${LETTERS[slot]} in place ${place}`);
    node.setAttribute("aria-pressed", String(session.said.places[slot] === place));
    group.append(node);
  }
  return group;
}

// "C, then A and B, then D" of the places that are given, and what is missing.
function orderInWords(places) {
  const levels = [];
  for (let place = 1; place <= places.length; place += 1) {
    const level = places.flatMap((given, slot) => (given === place ? [LETTERS[slot]] : []));
    if (level.length) levels.push(level.join(" = "));
  }
  const missing = places.flatMap((given, slot) => (given ? [] : [LETTERS[slot]]));
  if (!levels.length) return "Best to worst: press the letters in order, or choose places.";
  const order = `Best to worst: ${levels.join(" > ")}`;
  return missing.length ? `${order} (no place yet: ${missing.join(", ")})` : order;
}

// A letter puts its list into the first free place; with Shift beside the list placed last; again takes it away.
function placeByLetter(slot, level, session) {
  const places = session.said.places;
  if (places[slot]) return session.place(slot, places[slot]);
  const free = places.map((_, index) => index + 1).find((place) => !places.includes(place));
  const last = Math.max(0, ...places.map((place) => place ?? 0));
  return session.place(slot, level && last ? last : free);
}

function typing(event) {
  const target = event.composedPath()[0];
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

// One listener for the life of the battle's element. Before Streamlit's own, which keeps C for itself.
function listen(root, session) {
  function pressed(event) {
    if (!root.isConnected) return window.removeEventListener("keydown", pressed, true);
    if (session.data.form !== "best-to-worst" || event.ctrlKey || event.metaKey || event.altKey) return undefined;
    const slot = event.key.length === 1 ? LETTERS.indexOf(event.key.toUpperCase()) : -1;
    if (slot < 0 || slot >= session.data.lists.length || event.repeat || typing(event)) return undefined;
    event.preventDefault();
    event.stopImmediatePropagation();
    return placeByLetter(slot, event.shiftKey, session);
  }
  window.addEventListener("keydown", pressed, true);
}
