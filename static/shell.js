// What every page does with script on: timers, caps lock, the theme button, closing menus, "/" for search, and the configuration editor.
// Pages work without it; nothing here holds state that the server does not have.
(() => {
  const root = document.documentElement;
  const typing = e => e.isComposing || e.keyCode === 229;
  const inField = e => e.target instanceof Element && e.target.closest('input, textarea, select, [contenteditable]');

  // Timers count from the server's clock: the difference to ours is taken once, from the text the server drew.
  const clock = ms => {
    const s = Math.max(0, Math.floor(ms / 1000)), p = n => String(n).padStart(2, '0'), h = Math.floor(s / 3600);
    return h ? `${h}:${p(Math.floor(s % 3600 / 60))}:${p(s % 60)}` : `${Math.floor(s / 60)}:${p(s % 60)}`;
  };
  const shown = text => text.split(':').reduce((all, part) => all * 60 + Number(part), 0) * 1000;
  const tick = () => document.querySelectorAll('[data-since]').forEach(el => {
    if (el.began === undefined || el.sinceSeen !== el.dataset.since) { el.began = Date.now() - shown(el.textContent); el.sinceSeen = el.dataset.since; }
    el.textContent = clock(Date.now() - el.began);
  });
  setInterval(tick, 1000); tick();

  addEventListener('keyup', e => {
    if (!(e.target instanceof HTMLInputElement) || e.target.type !== 'password' || !e.getModifierState) return;
    const warning = (e.target.closest('.fld, form') || document).querySelector('[data-caps]') || document.querySelector('[data-caps]');
    if (warning) warning.hidden = !e.getModifierState('CapsLock');
  });

  document.querySelectorAll('[data-theme-toggle]').forEach(button => button.addEventListener('click', e => {
    e.preventDefault();
    const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = dark ? 'light' : 'dark';
    fetch('/settings/theme', { method: 'POST', body: new URLSearchParams({ theme: root.dataset.theme }), redirect: 'manual' });
  }));

  addEventListener('focusin', e => { if (e.target.matches && e.target.matches('[data-select]')) e.target.select(); });
  const closeMenus = except => document.querySelectorAll('.mestat[open]').forEach(m => { if (m !== except) m.open = false; });
  addEventListener('click', e => closeMenus(e.target.closest && e.target.closest('.mestat')));
  addEventListener('keydown', e => {
    if (typing(e)) return;
    if (e.key === 'Escape') closeMenus(null);
    if (e.key === '/' && !inField(e) && !e.ctrlKey && !e.metaKey && !e.altKey && !e.defaultPrevented) {
      const find = document.querySelector('[data-cmd]');
      if (find) { e.preventDefault(); find.click(); }
    }
  });

  const edit = () => {
    const form = document.getElementById('config');
    if (form && !form.classList.contains('lit')) editor(form);
  };
  document.addEventListener('desk:mounted', edit);
  edit();

  function editor(form) {
    const text = form.querySelector('.edt'), light = form.querySelector('.hl'), numbers = form.querySelector('.nos'), side = document.getElementById('verdict');
    const initial = text.value;
    let marks = new Map(), asked = 0, timer = 0, leaving = false;
    const span = (tag, content, cls) => { const el = document.createElement(tag); el.textContent = content; if (cls) el.className = cls; return el; };
    const parts = /("""[\s\S]*?"""|"(?:\\.|[^"\\])*"|'[^']*')|(#.*$)|^(\s*\[.*\]\s*)(?=#|$)|([A-Za-z0-9_-]+)(?=\s*=)/g;
    const line = (content, cls) => {
      const row = document.createElement('span');
      if (cls) row.className = cls;
      let last = 0;
      for (const m of content.matchAll(parts)) {
        row.append(content.slice(last, m.index), span(m[1] ? 's' : m[2] ? 'em' : m[3] ? 'i' : 'u', m[0]));
        last = m.index + m[0].length;
      }
      row.append(content.slice(last), '\n');
      return row;
    };
    const draw = () => {
      const lines = text.value.split('\n');
      text.rows = lines.length + 1;
      light.replaceChildren(...lines.map((content, i) => line(content, marks.get(i + 1))));
      numbers.replaceChildren(...lines.map((_, i) => span('span', `${i + 1}\n`, marks.get(i + 1))));
      text.style.minWidth = `${light.scrollWidth}px`;
    };
    const readMarks = () => {
      marks = new Map();
      side.querySelectorAll('[data-line]').forEach(f => {
        const n = Number(f.dataset.line);
        if (f.dataset.level === 'bad' || !marks.has(n)) marks.set(n, f.dataset.level === 'bad' ? 'er' : 'wa');
      });
    };
    const check = async () => {
      const mine = ++asked;
      try {
        const answer = await fetch(form.dataset.check, { method: 'POST', headers: { 'X-Fragment': '1' }, body: new URLSearchParams(new FormData(form)) });
        if (mine !== asked || !answer.ok) return;
        side.innerHTML = await answer.text();
        readMarks(); draw();
      } catch { /* offline: the Check button says so */ }
    };
    text.addEventListener('input', () => { text.value === initial ? delete form.dataset.dirty : form.dataset.dirty = ''; draw(); clearTimeout(timer); timer = setTimeout(check, 400); });
    text.addEventListener('keydown', e => {
      if (e.key === 's' && (e.ctrlKey || e.metaKey)) { e.preventDefault(); check(); }
    });
    side.addEventListener('click', e => {
      const off = e.target.closest('[aria-disabled=true]');
      if (off) e.preventDefault();
      const finding = e.target.closest('[data-line]');
      if (finding && !e.target.closest('button')) {
        const start = text.value.split('\n').slice(0, Number(finding.dataset.line) - 1).join('\n').length + (finding.dataset.line > 1 ? 1 : 0);
        text.focus(); text.setSelectionRange(start, start);
        numbers.children[Number(finding.dataset.line) - 1]?.scrollIntoView({ block: 'center' });
      }
    });
    form.addEventListener('submit', e => {
      if (e.submitter && e.submitter.getAttribute('aria-disabled') === 'true') { e.preventDefault(); return; }
      leaving = true;
      delete form.dataset.dirty;
    });
    addEventListener('beforeunload', e => { if (!leaving && text.isConnected && text.value !== initial) e.preventDefault(); });
    form.classList.add('lit'); readMarks(); draw();
  }
})();
