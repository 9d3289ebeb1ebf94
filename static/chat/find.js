// Answers before a human is asked: a field on the first screen of the chat window that searches the help centre; see widget.js, which fetches
// this when its window opens on nothing said yet.

const words = {
  en: { ask: "Find an answer", go: "Search", none: "Nothing found. Write to us below.", failed: "The search does not work just now." },
  zh: { ask: "先搜一搜答案", go: "搜索", none: "没有找到，请在下方留言。", failed: "搜索暂时不可用。" },
};
const css = `
  .find { align-self: stretch; display: grid; gap: 8px; padding-bottom: 8px; } .find .ask { display: flex; align-items: center; border: 1px solid var(--field); border-radius: 12px; padding: 4px; } .find .ask:focus-within { outline: 2px solid var(--focus); outline-offset: -1px; } .find input { flex: 1; min-width: 0; border: 0; background: none; padding: 8px; min-height: 38px; } .find input:focus-visible { outline: 0; }
  .find ul { list-style: none; padding: 0; display: grid; gap: 4px; } .find a { display: block; padding: 8px 12px; border: 1px solid var(--line); border-radius: 10px; text-decoration: none; } .find a:hover { background: var(--fill); } .find b { font-weight: 600; display: block; }
  .find a span { font-size: 12px; color: var(--sub); display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden; } .find p { font-size: 12px; color: var(--sub); }
  @media (max-width: 480px) { .find input { font-size: 16px; } }`;

/// Puts the field and what it finds into `place`; nothing where there is nothing to find.
export async function find(place, { root, el, icon, base, language }) {
  const say = words[language];
  const ask = (query) => fetch(`${base}/help/answers?${new URLSearchParams({ q: query, lang: language === "zh" ? "zh-CN" : language })}`, { credentials: "omit" });
  if (!(await ask("")).ok) return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  const field = el("input", { type: "search", placeholder: say.ask, maxLength: 200, "aria-label": say.ask });
  const go = el("button", { className: "icon", type: "button", "aria-label": say.go }, icon("M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14Z", "m16 16 5 5"));
  const found = el("div", { role: "status" });
  let turn = 0;
  const search = async () => {
    const query = field.value.trim(), mine = ++turn;
    if (!query) { found.replaceChildren(); return; }
    let shown;
    try {
      const answer = await ask(query);
      if (!answer.ok) throw new Error(String(answer.status));
      const hits = await answer.json();
      shown = hits.length ? el("ul", {}, ...hits.map((hit) => el("li", {}, link(hit)))) : el("p", { textContent: say.none });
    } catch { shown = el("p", { textContent: say.failed }); }
    if (mine === turn) found.replaceChildren(shown);
  };
  const link = (hit) => el("a", { href: base + hit.path, target: "_blank", rel: "noopener", lang: hit.language }, el("b", { textContent: hit.title }), el("span", { textContent: hit.text }));
  place.className = "find";
  go.onclick = search;
  // Enter that ends a composition chooses a word; it does not search.
  field.onkeydown = (event) => { if (event.key === "Enter" && !event.isComposing && event.keyCode !== 229) { event.preventDefault(); search(); } };
  place.append(el("div", { className: "ask", role: "search" }, field, go), found);
}
