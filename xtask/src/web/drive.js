const problems = [];
let cases = 0;
const expect = (holds, text) => { if (!holds) problems.push(text); };
window.addEventListener("error", (event) => problems.push(event.message));
window.addEventListener("unhandledrejection", (event) => problems.push(String(event.reason)));

/// Sets a control as a key press does.
function choose(name, value) {
  const control = byId(name);
  control.value = control.dataset.values ? valuesOf(control).indexOf(value) : value;
  expect(chosen(control) === value, `${name} cannot be ${value}`);
  control.dispatchEvent(new Event("input", { bubbles: true }));
}

function nanos(column) {
  const cells = [...document.querySelectorAll(`#delays tr td:nth-child(${column})`)];
  return cells.map((cell) => cell.dataset.nanos ?? cell.textContent);
}

function checkSpread(choices, counts) {
  const bars = [...document.querySelectorAll("#spread rect.bar")];
  const shown = bars.map((bar) => Number.parseInt(bar.querySelector("title").textContent, 10));
  expect(shown.join() === counts, `${choices}: the bars are ${shown} in place of ${counts}`);
  const heights = bars.map((bar) => bar.height.baseVal.value);
  const unit = Math.max(...heights) / Math.max(...shown);
  expect(heights.every((height, bar) => Math.abs(height - shown[bar] * unit) <= 0.11), `${choices}: heights ${heights}`);
}

function check(choices, plain, drawn, counts) {
  // A choice that is missing is not set.
  for (const slider of sliders) if (valuesOf(slider).includes("none")) choose(slider.name, "none");
  for (const pair of choices.split("&")) choose(...pair.split("="));
  const count = drawn.split(",").length;
  const wanted = plain === "drawn" ? Array(count).fill("drawn").join() : plain;
  expect(nanos(2).join() === wanted, `${choices}: without jitter ${nanos(2)} in place of ${wanted}`);
  expect(nanos(3).join() === drawn, `${choices}: a client has ${nanos(3)} in place of ${drawn}`);
  expect(byId("summary").textContent.startsWith(`At worst ${count + 1} attempts`), byId("summary").textContent);
  expect(document.querySelectorAll("#schedule rect.bar").length === count, `${choices}: bars`);
  checkSpread(choices, counts);
  expect(byId("rust").textContent.includes("static API"), `${choices}: no Rust`);
  expect(byId("toml").textContent.includes("[retry.api]"), `${choices}: no TOML`);
  expect(byId("problem").textContent === "", byId("problem").textContent);
  expect(location.hash.includes(choices.split("&")[0]), `the link has no ${choices}`);
  for (const picture of document.querySelectorAll("svg")) {
    const box = picture.getBoundingClientRect();
    for (const text of picture.querySelectorAll("text")) {
      const own = text.getBoundingClientRect();
      expect(own.left >= box.left - 1 && own.right <= box.right + 1 && own.bottom <= box.bottom + 1, `${choices}: "${text.textContent}" leaves its picture`);
    }
  }
}

/// Every control has a label, and every value is text for a screen reader.
function checkControls() {
  for (const control of controls) {
    expect(control.labels.length === 1, `${control.name} has no label`);
    expect(!control.dataset.values || control.getAttribute("aria-valuetext") === chosen(control), `${control.name} has no text`);
    expect(control.tabIndex === 0, `${control.name} is not reached by the keyboard`);
  }
  expect(byId("summary").getAttribute("aria-live") === "polite", "no live region");
  for (const picture of document.querySelectorAll("svg")) {
    expect(picture.querySelector("title").textContent && picture.querySelector("desc").textContent, "a picture has no description");
  }
}

/// The load is what the summary says: six calls for each request, and less with a budget.
function checkBudget() {
  check(...CASES[0]);
  for (const [name, value] of [["base", "100ms"], ["factor", "2"], ["attempts", "6"], ["jitter", "full"], ["budget", "none"]]) choose(name, value);
  expect(byId("summary").textContent.includes("make 6 calls for each request"), byId("summary").textContent);
  choose("budget", "0.1");
  expect(byId("summary").textContent.includes("make 1.2 calls for each request"), byId("summary").textContent);
}

const poll = setInterval(() => {
  if (!document.body.dataset.ready) return;
  clearInterval(poll);
  try {
    for (const each of CASES) {
      check(...each);
      cases += 1;
    }
    checkControls();
    checkBudget();
  } catch (error) {
    problems.push(String(error));
  }
  document.title = `cases: ${cases}; problems: ${problems.join("; ")};`;
}, 50);
