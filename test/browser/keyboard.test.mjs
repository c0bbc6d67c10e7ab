// The same work without a mouse: no click, no focus() from outside; only keys.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { drop, examples } from './lib/files.mjs';
import { journey } from './lib/journey.mjs';
import { look } from './lib/look.mjs';
import { signIn } from './lib/session.mjs';

const password = 'a sentence is fine';
const farthest = 60;

const keys = await journey('keyboard', { prepare: (oasis) => oasis.addUser('mara', password, '--admin') });
let page;

/** What has the focus, as a screen reader would name it. */
const focused = () =>
  page.evaluate(() => {
    const one = document.activeElement;
    const name = one?.getAttribute('aria-label') ?? one?.labels?.[0]?.textContent ?? one?.textContent ?? '';
    return name.trim();
  });

/** Presses Tab until what is named so has the focus, and checks that one can see where one is. */
async function tabTo(name, key = 'Tab') {
  const passed = [];
  for (let step = 0; step < farthest; step++) {
    await page.keyboard.press(key);
    const here = await focused();
    if (name.test(here)) {
      const ring = await page.evaluate(() => {
        const style = getComputedStyle(document.activeElement);
        return style.outlineStyle !== 'none' || style.boxShadow !== 'none' || style.borderColor !== '';
      });
      assert.ok(ring, `${here} has no visible focus`);
      return;
    }
    passed.push(here);
  }
  assert.fail(`Tab never came to ${name}; it passed ${passed.join(' | ')}`);
}

keys.step('signing in', async () => {
  const mara = await keys.person();
  page = mara.page;
  // Something to open, put there with a mouse.
  await signIn(page, keys.oasis, 'mara', password);
  await drop(page, [join(examples, 'tio2-anneal')]);
  await page.getByRole('link', { name: 'Entries 7 read' }).waitFor();
  await mara.context.clearCookies();
  await page.goto(`${keys.oasis.gui}sign-in`);
  await page.getByLabel('User name or e-mail').waitFor();
  await tabTo(/^User name or e-mail$/);
  await page.keyboard.type('mara');
  await tabTo(/^Password$/);
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Uploads' }).waitFor();
});

keys.step('the first key leads past the rail', async () => {
  await page.reload();
  await page.getByRole('link', { name: 'tio2-anneal' }).waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'Skip to the page');
  await look(page, 'skip-link');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.ok(await page.evaluate(() => document.getElementById('page').contains(document.activeElement)), 'the focus is not in the page');
});

keys.step('opening an upload and an entry', async () => {
  await tabTo(/^tio2-anneal$/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'tio2-anneal' }).waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
  await tabTo(/^Entries/);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Anneal of TiO2 film 07' }).waitFor();
  await tabTo(/^Anneal of TiO2 film 07$/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Anneal of TiO2 film 07' }).waitFor();
});

keys.step('the archive is one stop, walked by arrows', async () => {
  await tabTo(/^Archive$/);
  await page.keyboard.press('Enter');
  await page.getByRole('tree').waitFor();
  await tabTo(/^data/);
  await page.keyboard.type('t');
  await page.waitForFunction(() => document.activeElement?.textContent?.startsWith('temperature'));
  await page.getByRole('region', { name: 'temperature' }).waitFor();
  await look(page, 'archive-keys');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowLeft');
  assert.equal(await page.getByRole('treeitem', { name: 'temperature' }).count(), 0);
});

keys.step('single keys go to pages and to the page\'s filter, and letters typed in fields stay letters', async () => {
  await page.keyboard.press('Escape');
  await tabTo(/^Skip to the page$|^Files$/);
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await page.getByRole('heading', { level: 1, name: 'Search' }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('gu anatase');
  await page.getByText(/^0 of 7 entries you may see/).waitFor();
  await page.getByRole('heading', { level: 1, name: 'Search' }).waitFor();
});

keys.step('the palette leads to an upload by its name', async () => {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Search or go to' }).waitFor();
  await page.keyboard.type('tio2');
  await page.getByRole('option', { name: /tio2-anneal/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'tio2-anneal' }).waitFor();
});

keys.step('making a token and putting it away', async () => {
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await page.getByRole('heading', { level: 1, name: 'Access tokens' }).waitFor();
  await tabTo(/^New token$/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'New token' }).waitFor();
  await tabTo(/^Name$/);
  await page.keyboard.type('by keys');
  await tabTo(/^Only add files$/);
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.getByRole('radio', { name: 'Work with my data' }).isChecked(), true);
  await tabTo(/^Make the token$/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: '“by keys” is ready' }).waitFor();
  page.once('dialog', (dialog) => void dialog.accept());
  await tabTo(/^I have saved it$/);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Access tokens' }).waitFor();
});

keys.step('a dialog holds the focus, starts at Cancel, and gives it back', async () => {
  await tabTo(/^Revoke by keys$/);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.waitForFunction(() => document.activeElement?.textContent === 'Cancel');
  for (let step = 0; step < 6; step++) {
    await page.keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement.closest('[role="dialog"]') !== null), 'the focus left the dialog');
  }
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Revoke by keys');
});

keys.step('signing out', async () => {
  await tabTo(/Mara|^mara/i, 'Shift+Tab');
  await page.keyboard.press('Enter');
  await tabTo(/^Sign out$/);
  await page.keyboard.press('Enter');
  await page.getByLabel('User name or e-mail').waitFor();
});
