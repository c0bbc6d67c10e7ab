// Before anybody has an account: the one-time link leads to a page that can be
// used with any screen, and the server is closed to everything else.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, person, withoutChromium } from './lib/chromium.mjs';
import { look } from './lib/look.mjs';
import { Oasis } from './lib/oasis.mjs';

const skip = await withoutChromium();
let oasis;
let browser;

before(async () => {
  if (skip) return;
  [oasis, browser] = await Promise.all([Oasis.start(), launch()]);
});
after(async () => {
  await browser?.close();
  await oasis?.stop();
});

test('the set-up link opens a page that works on every screen', { skip }, async () => {
  const admin = await person(browser);
  await admin.page.goto(oasis.setupLink());
  await admin.page.getByRole('heading', { level: 1 }).waitFor();
  await admin.page.getByLabel(/user ?name/i).waitFor();
  await look(admin.page, 'first-run');
  admin.assertCalm();
  await admin.close();
});

test('the address of the server alone leads to the page', { skip }, async () => {
  const visitor = await person(browser);
  await visitor.page.goto(`http://${oasis.host}/`);
  await visitor.page.getByRole('heading', { level: 1 }).waitFor();
  assert.ok(visitor.page.url().startsWith(oasis.gui), `landed on ${visitor.page.url()}`);
  await visitor.close();
});
