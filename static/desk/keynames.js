// Keys by their names, as the table of commands has them: `t`, `shift+e`, `mod+k` (Ctrl, or ⌘ on a Mac), `ArrowDown`.

import { settings } from "./dom.js";

const MAC = /Mac|iP/.test(navigator.platform);
const NAMES = { " ": "Space", "+": "Plus" };
const SIGNS = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", Enter: "↵", Plus: "+", Space: "␣", Backspace: "⌫" };
const ALONE = ["Control", "Shift", "Alt", "AltGraph", "Meta", "CapsLock", "Dead", "Process", "Unidentified"];

/// The name of what was pressed; empty for a modifier alone. AltGraph makes signs on many keyboards, so it is no modifier here.
export function named(e) {
  if (ALONE.includes(e.key)) return "";
  const graph = e.getModifierState?.("AltGraph"), letter = e.key.length === 1, parts = [];
  if ((e.ctrlKey || e.metaKey) && !graph) parts.push("mod");
  if (e.altKey && !graph) parts.push("alt");
  // Signs have their shift in them (`?`, `/` differ by keyboard); letters and named keys have not.
  if (e.shiftKey && (!letter || e.key.toLowerCase() !== e.key.toUpperCase())) parts.push("shift");
  parts.push(NAMES[e.key] ?? (letter ? e.key.toLowerCase() : e.key));
  return parts.join("+");
}

/// As people read it on this machine.
export function pretty(key) {
  const signs = { mod: MAC ? "⌘" : "Ctrl", alt: MAC ? "⌥" : "Alt", shift: "⇧", ...SIGNS };
  return key.split("+").map(part => signs[part] ?? (part.length === 1 ? part.toUpperCase() : part)).join(MAC ? "" : " ");
}

export const keysOf = name => (settings.commands ?? []).find(command => command.name === name)?.keys ?? [];

/// Which command a key means.
export const commandOf = key => key && (settings.commands ?? []).find(command => command.keys.includes(key))?.name;

/// The keys of a command as marks of the page.
export function marks(command) {
  return command.keys.map(key => {
    const kbd = document.createElement("kbd");
    kbd.className = "kbd";
    kbd.textContent = pretty(key);
    return kbd;
  });
}
