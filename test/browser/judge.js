// Returns a list of faults of the page. The rules are those of WCAG 2.2 AA that
// a program can decide.
(() => {
  const faults = [];
  const say = (what, el) => faults.push(what + (el ? ": <" + el.tagName.toLowerCase() + "> " + (el.textContent || el.name || "").trim().slice(0, 60) : ""));
  const seen = el => { const r = el.getBoundingClientRect(); return r.width > 0 && r.height > 0 && getComputedStyle(el).visibility !== "hidden"; };
  if (!document.documentElement.lang) say("the page has no language");
  if (!document.title.trim()) say("the page has no title");
  if (!document.querySelector('meta[name="viewport"]')) say("the page does not adapt to a small screen");
  const h1 = document.querySelectorAll("h1");
  if (h1.length !== 1) say("the page has " + h1.length + " main headings, want one");
  let level = 0;
  for (const h of document.querySelectorAll("h1,h2,h3,h4,h5,h6")) {
    const l = Number(h.tagName[1]);
    if (l > level + 1) say("a heading level is left out", h);
    level = l;
  }
  if (!document.querySelector("main")) say("the page has no main part");
  for (const el of document.querySelectorAll("input,select,textarea")) {
    if (el.type === "hidden" || !seen(el)) continue;
    if (!(el.labels && el.labels.length) && !el.getAttribute("aria-label") && !el.getAttribute("aria-labelledby")) say("a field has no label", el);
  }
  for (const el of document.querySelectorAll("a,button")) {
    if (seen(el) && !el.textContent.trim() && !el.getAttribute("aria-label")) say("a link or button has no name", el);
  }
  for (const el of document.querySelectorAll("img")) if (!el.hasAttribute("alt")) say("a picture has no words", el);
  for (const t of document.querySelectorAll("table")) {
    if (t.rows.length && !t.querySelector("th")) say("a table has no headings", t);
    for (const th of t.querySelectorAll("th")) if (!th.hasAttribute("scope")) { say("a table heading has no scope", th); break; }
  }
  const ids = new Set();
  for (const el of document.querySelectorAll("[id]")) { if (ids.has(el.id)) say("an id is used twice: " + el.id); ids.add(el.id); }
  if (document.querySelector("[onclick],[onload],[onsubmit],script:not([src])")) say("a script is written into the page");
  if (document.documentElement.scrollWidth > window.innerWidth + 1) say("the page is wider than the window");

  // Contrast of text against the nearest painted background (WCAG 1.4.3).
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = c => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = "#000"; canvas.fillStyle = c; canvas.fillRect(0, 0, 1, 1); return canvas.getImageData(0, 0, 1, 1).data; };
  const lum = ([r, g, b]) => [r, g, b].map(v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }).reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = el => {
    for (let e = el; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor); if (c[3] > 250) return c; }
    return rgba(getComputedStyle(document.documentElement).colorScheme.includes("dark") && matchMedia("(prefers-color-scheme: dark)").matches ? "#121212" : "#ffffff");
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const done = new Set();
  for (let n = walker.nextNode(); n; n = walker.nextNode()) {
    const el = n.parentElement;
    if (!n.textContent.trim() || done.has(el) || !seen(el) || ["SCRIPT", "STYLE", "NOSCRIPT"].includes(el.tagName)) continue;
    done.add(el);
    const s = getComputedStyle(el), fg = rgba(s.color), bg = behind(el);
    const [hi, lo] = [lum(fg), lum(bg)].sort((a, b) => b - a);
    const size = parseFloat(s.fontSize), bold = Number(s.fontWeight) >= 700;
    const want = size >= 24 || (bold && size >= 18.66) ? 3 : 4.5;
    if ((hi + 0.05) / (lo + 0.05) < want) say("text is hard to read (" + ((hi + 0.05) / (lo + 0.05)).toFixed(1) + ":1)", el);
  }
  return faults;
})()
