// What scripts add: every task works without them.
import { createAll, Button, Checkboxes, ErrorSummary, Radios, SkipLink } from "govuk-frontend";
import htmx from "htmx.org";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.selfRequestsOnly = true;
for (const component of [Button, Checkboxes, ErrorSummary, Radios, SkipLink]) createAll(component);

// A QR code carries number and query code after the "#", which no server sees; here they are sent by POST.
function openByFragment() {
  const form = document.querySelector("form.follow");
  const match = /^#(.+)\.([0-9A-Za-z-]+)$/.exec(location.hash);
  if (!form || !match) return;
  history.replaceState(null, "", location.pathname);
  form.elements.number.value = decodeURIComponent(match[1]);
  form.elements.code.value = match[2];
  form.requestSubmit();
}

function readAloud() {
  const button = document.querySelector(".read-aloud");
  if (!button || !("speechSynthesis" in window)) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    if (speechSynthesis.speaking) return speechSynthesis.cancel();
    const words = new SpeechSynthesisUtterance(document.getElementById("main").innerText);
    words.lang = document.documentElement.lang;
    words.rate = 0.9;
    speechSynthesis.speak(words);
  });
}

function printing() {
  for (const button of document.querySelectorAll(".print-page")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

function copying() {
  document.addEventListener("click", (event) => {
    const field = event.target.closest(".copyable");
    if (field) navigator.clipboard?.writeText(field.textContent);
  });
}

// ------------------------------------------------------------------ the desk at the keyboard

const KEYS = {
  zh: { J: "下一件", K: "上一件", Enter: "打开", "1–9": "打开那一步", Q: "待我处理", N: "收件", "/": "查找", Esc: "收起", "?": "这张表" },
  en: { J: "next", K: "previous", Enter: "open", "1–9": "open that step", Q: "queue", N: "take in", "/": "find", Esc: "close", "?": "this list" },
};

function showKeys() {
  const dialog = document.getElementById("keys-help");
  const rows = Object.entries(KEYS[document.documentElement.lang.startsWith("zh") ? "zh" : "en"]);
  const list = document.createElement("dl");
  for (const [key, words] of rows) {
    const dt = document.createElement("dt"), dd = document.createElement("dd"), kbd = document.createElement("kbd");
    kbd.textContent = key;
    dt.append(kbd);
    dd.textContent = words;
    list.append(dt, dd);
  }
  dialog.replaceChildren(list);
  if (dialog.open) dialog.close(); else dialog.show();
}

function moveInQueue(by) {
  const links = [...document.querySelectorAll(".queue a")];
  const at = links.indexOf(document.activeElement);
  const selected = links.findIndex((link) => link.closest("li").classList.contains("sel"));
  const next = links[Math.max(0, Math.min(links.length - 1, (at >= 0 ? at : selected) + by))];
  next?.focus();
}

function openStep(number) {
  const summary = document.querySelector(`.acts summary[data-key="${number}"]`);
  if (!summary) return;
  for (const other of document.querySelectorAll(".acts details[open]")) other.open = false;
  summary.parentElement.open = true;
  (summary.parentElement.querySelector("input:not([type=hidden]), textarea, select") ?? summary).focus();
}

const ACTIONS = { j: () => moveInQueue(1), k: () => moveInQueue(-1), "?": showKeys };

function deskKeys() {
  if (!document.body.classList.contains("desk")) return;
  const help = document.querySelector("button.keys");
  if (help) {
    help.hidden = false;
    help.addEventListener("click", showKeys);
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      document.getElementById("keys-help")?.close();
      for (const open of document.querySelectorAll(".acts details[open]")) open.open = false;
      document.activeElement?.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    const key = event.key.toLowerCase();
    const link = document.querySelector(`.bar a[data-key="${CSS.escape(key)}"]`);
    if (ACTIONS[key]) ACTIONS[key]();
    else if (/^[1-9]$/.test(key)) openStep(key);
    else if (link) location.assign(link.href);
    else return;
    event.preventDefault();
  });
}

// At the counter every tab counts: the first question is ready to be answered.
function startIntake() {
  if (document.querySelector(".govuk-error-summary")) return;
  document.querySelector(".intake input:not([type=hidden]), .intake select, .intake textarea")?.focus();
}

// The chosen case is marked in the queue when it was loaded beside it.
function markChosen() {
  for (const link of document.querySelectorAll(".queue a"))
    link.closest("li").classList.toggle("sel", link.getAttribute("href") === location.pathname);
}

document.body.addEventListener("htmx:afterSwap", () => {
  markChosen();
  document.querySelector(".three")?.classList.toggle("has-case", location.pathname.startsWith("/desk/cases/"));
  for (const component of [Checkboxes, ErrorSummary, Radios]) createAll(component);
});

// ------------------------------------------------------------------ the queue stays true while it is looked at

// Focus, place and choice stay as they were; who listens to the page is told the new counts.
function renewQueue(pane, fresh) {
  const { activeElement } = document, top = pane.scrollTop;
  const focused = pane.contains(activeElement) && activeElement.getAttribute("href");
  pane.replaceChildren(...fresh.childNodes);
  htmx.process(pane);
  markChosen();
  pane.scrollTop = top;
  if (focused) pane.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  document.getElementById("queue-news").textContent = pane.querySelector(".q-head").innerText;
}

// The header says that nobody asked: a page left open keeps no session from ending.
async function lookAgain(pane) {
  const address = location.pathname === "/desk" ? location.href : "/desk";
  const reply = await fetch(address, { headers: { "X-By-Itself": "1" } }).catch(() => null);
  if (!reply?.ok || reply.redirected) return;
  const page = new DOMParser().parseFromString(await reply.text(), "text/html");
  const fresh = page.querySelector("[data-live]");
  if (fresh) renewQueue(pane, fresh);
}

// A hidden page listens to nothing: a browser has few connections to one server.
function hearOfChanges() {
  const pane = document.querySelector("[data-live]");
  if (!pane) return;
  let stream = null;
  const listen = () => {
    stream = new EventSource(pane.dataset.live);
    stream.addEventListener("changed", () => lookAgain(pane));
  };
  document.addEventListener("visibilitychange", () => {
    stream?.close();
    if (document.hidden) return;
    listen();
    lookAgain(pane);
  });
  if (!document.hidden) listen();
}

openByFragment();
readAloud();
printing();
copying();
deskKeys();
hearOfChanges();
startIntake();
