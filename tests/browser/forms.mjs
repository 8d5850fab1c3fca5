// forms.mjs -- filling in forms by the names of their fields, whatever kind of input they are.

// A value of null chooses the first real choice of a list.
export async function fillIn(root, values) {
  for (const [name, value] of Object.entries(values)) {
    const inputs = root.locator(`[name="${name}"]`);
    const kind = await inputs.first().evaluate((e) => (e.tagName === "SELECT" ? "select" : e.type));
    if (kind === "select") await inputs.selectOption(value ?? { index: 1 });
    else if (kind === "radio" || kind === "checkbox") await choose(root, name, value);
    else await inputs.fill(value);
  }
}

// A tap on the label, as a thumb does it: the input itself lies under its drawn box.
async function choose(root, name, value) {
  const input = root.locator(`[name="${name}"]` + (value === null ? "" : `[value="${value}"]`)).first();
  await root.locator(`label[for="${await input.getAttribute("id")}"]`).first().click();
}

// Presses the button of a form and waits for the page that follows.
export async function send(page, form, button = "button:not([type=button])") {
  await Promise.all([page.waitForEvent("load"), page.locator(form).locator(button).first().click()]);
}

export async function follow(page, link) {
  await Promise.all([page.waitForEvent("load"), page.locator(link).first().click()]);
}

// A step of a case at the desk: opens it, fills it in, takes it.
export async function takeStep(page, number, step, values = {}) {
  await page.goto(`/desk/cases/${number}`);
  await page.locator(`#${step} > summary`).click();
  await fillIn(page.locator(`#${step}`), values);
  await send(page, `#${step} form`);
}
