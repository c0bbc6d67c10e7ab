// The first hour of a lab: from the link on the console to entries that can be
// found, by the person they belong to and by nobody else.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { drag, examples, withManyArchives } from './lib/files.mjs';
import { journey } from './lib/journey.mjs';
import { look } from './lib/look.mjs';
import { fillSignIn, signIn, signOut } from './lib/session.mjs';

const password = 'a sentence is fine';
const series = join(examples, 'tio2-anneal');
// Enough to be still at work when the page asks how far it is.
const many = 4000;

const hour = await journey('first-hour');
let mara;
let link;
let uploadUrl;
let entryUrl;

hour.step('before the first account every address says that nobody can come in yet', async () => {
  const visitor = await hour.person();
  await visitor.page.goto(`http://${hour.oasis.host}/`);
  await visitor.page.getByRole('heading', { level: 1, name: 'This Oasis is not set up yet.' }).waitFor();
  assert.ok(visitor.page.url().startsWith(hour.oasis.gui), `landed on ${visitor.page.url()}`);
  await look(visitor.page, 'not-set-up');
  await visitor.close();
});

hour.step('the link on the console opens the set-up page, and its secret leaves the address', async () => {
  mara = await hour.person();
  link = hour.oasis.setupLink();
  await mara.page.goto(link);
  await mara.page.getByRole('heading', { level: 1, name: 'Welcome to your Oasis' }).waitFor();
  await mara.page.getByText(hour.oasis.data).waitFor();
  assert.equal(new URL(mara.page.url()).hash, '');
  await look(mara.page, 'setup');
});

hour.step('a password that is too short is refused beside its field, and nothing typed is lost', async () => {
  const { page } = mara;
  mara.expect(/422/);
  await page.getByLabel('First name').fill('Mara');
  await page.getByLabel('Last name').fill('Lindqvist');
  await page.getByLabel('E-mail').fill('mara@example.org');
  await page.getByLabel('User name').fill('mara');
  await page.getByLabel('Password', { exact: true }).fill('short');
  await page.getByLabel('What should this Oasis be called?').fill('Steinbach Lab');
  await page.getByRole('button', { name: 'Open the Oasis' }).click();
  await page.locator('[aria-invalid="true"]').waitFor();
  await look(page, 'setup-refused');
  assert.equal(await page.getByLabel('First name').inputValue(), 'Mara');
});

hour.step('with the form filled the lab is open and the administrator signed in', async () => {
  const { page } = mara;
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Open the Oasis' }).click();
  await page.getByRole('heading', { level: 1, name: 'Uploads' }).waitFor();
  await page.getByText('Nothing here yet.').waitFor();
  await look(page, 'uploads-empty');
});

hour.step('the rail, the palette and the colour button work where nothing is yet', async () => {
  const { page } = mara;
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Search or go to' }).fill('up');
  await page.getByRole('option', { name: /Uploads/ }).waitFor();
  await look(page, 'palette');
  await page.keyboard.press('Escape');
  await page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('button', { name: /Mara/ }).click();
  await page.getByText('Signed in as mara').waitFor();
  await look(page, 'person-menu');
  await page.getByRole('link', { name: 'Search' }).first().click();
  await page.getByText('No entries yet that you may see.').waitFor();
  await look(page, 'search-empty');
  await page.goto(`${hour.oasis.gui}account/tokens`);
  await page.getByText('No tokens yet.').waitFor();
  await look(page, 'tokens-empty');
});

hour.step('a dropped folder becomes an upload whose files are entries', async () => {
  const { page } = mara;
  await page.goto(`${hour.oasis.gui}uploads`);
  await page.getByText('Nothing here yet.').waitFor();
  const letGo = await drag(page, [series]);
  await page.getByText('Drop to start a new upload').waitFor();
  await look(page, 'drop');
  await letGo();
  await page.getByRole('heading', { level: 1, name: 'tio2-anneal' }).waitFor();
  await page.getByText('10 files, ').waitFor();
  await page.getByRole('link', { name: 'Entries 7 read' }).waitFor();
  await page.getByText('Visible only to you.').waitFor();
  uploadUrl = page.url();
  await look(page, 'upload-files');
  await page.getByRole('link', { name: 'Entries 7 read' }).click();
  await page.getByRole('link', { name: 'XRD of TiO2 film 07' }).waitFor();
  await look(page, 'upload-entries');
});

hour.step('files dropped on an upload are added to it; those it has already are asked about once', async () => {
  const { page } = mara;
  await page.goto(uploadUrl);
  await page.getByRole('link', { name: 'README.md', exact: true }).waitFor();
  const again = await drag(page, [join(series, 'xrd.csv'), join(examples, 'README.md')]);
  await page.getByText('Drop to add to this upload').waitFor();
  await again();
  await page.getByRole('dialog').getByText('2 files exist already').waitFor();
  await look(page, 'upload-conflict');
  await page.getByRole('button', { name: 'Keep both' }).click();
  await page.getByText('12 files, ').waitFor();
});

hour.step('a deleted file is gone at once, and comes back by Undo', async () => {
  const { page } = mara;
  const files = page.getByRole('region', { name: 'Files', exact: true });
  await files.getByRole('button', { name: 'Delete README.md' }).click();
  await page.getByText('Removed README.md.').waitFor();
  await look(page, 'upload-undo');
  assert.equal(await files.getByRole('link', { name: 'README.md', exact: true }).count(), 0);
  await page.getByRole('button', { name: 'Undo' }).click();
  await files.getByRole('link', { name: 'README.md', exact: true }).waitFor();
});

hour.step('files taken by the button are sent and read with live progress', async () => {
  const { page } = mara;
  await page.goto(`${hour.oasis.gui}uploads`);
  await withManyArchives(many, async (tar) => {
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'New upload' }).click();
    await (await chooser).setFiles(tar);
    await page.getByRole('heading', { level: 1, name: 'series.tar' }).waitFor();
    // Reading may be over before the next look from here, so the page itself notes how the bar moves.
    const moved = page.evaluate(() => new Promise((resolve) => {
      const look = () => {
        const bar = document.querySelector('[role=progressbar][aria-label="Reading your files"]');
        const now = Number(bar?.getAttribute('aria-valuenow') ?? 0);
        if (now > 0) resolve({ now, sentence: document.body.textContent });
        else requestAnimationFrame(look);
      };
      look();
    }));
    const { now, sentence } = await moved;
    assert.ok(now > 0 && now <= 100, `the bar is at ${now}`);
    assert.match(sentence, /Reading your files: [\d,]+ of 4,000 entries/);
    await page.getByRole('link', { name: 'Entries 4,000 read' }).waitFor({ timeout: 60_000 });
  });
  await page.getByRole('link', { name: 'Entries 4,000 read' }).click();
  await page.getByRole('navigation', { name: 'Pages of entries' }).getByText(/Page 1 of/).waitFor();
  await look(page, 'upload-pages', 1280);
});

hour.step('the list tells the uploads apart, and filters them by name', async () => {
  const { page } = mara;
  await page.getByRole('link', { name: 'Uploads' }).first().click();
  await page.getByRole('row', { name: /series\.tar.*4,000/ }).waitFor();
  await look(page, 'uploads');
  await page.getByLabel('Filter by name').fill('tio2');
  await page.getByText('1 upload', { exact: true }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get('q'), 'tio2');
});

hour.step('a whole upload is deleted after a question that says how much it holds', async () => {
  const { page } = mara;
  await page.getByLabel('Filter by name').fill('');
  await page.getByRole('link', { name: 'series.tar' }).click();
  await page.getByRole('button', { name: 'Delete the upload' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete “series.tar”?' });
  await dialog.getByText('4,000 files and 4,000 entries').waitFor();
  await look(page, 'upload-delete');
  await dialog.getByRole('button', { name: 'Delete it with 4,000 entries' }).click();
  await page.getByText('Deleted “series.tar”.').waitFor();
  await page.getByText('1 upload', { exact: true }).waitFor();
});

hour.step('search finds the entries by words, by a facet and by elements', async () => {
  const { page } = mara;
  await page.getByRole('link', { name: 'Search' }).first().click();
  await page.getByText(/^7 entries you may see/).waitFor();
  await look(page, 'search');
  await page.getByLabel(/Words, formula or id/).fill('anatase');
  await page.getByText(/^1 of 7 entries you may see/).waitFor();
  await page.getByRole('link', { name: 'XRD of TiO2 film 07' }).waitFor();
  await page.getByRole('button', { name: /Remove the filter .anatase./ }).click();
  const filters = page.getByRole('complementary', { name: 'Filters' });
  await filters.getByRole('group', { name: 'Method' }).getByRole('checkbox', { name: /XRD/ }).check();
  await page.getByText(/^1 of 7 entries you may see/).waitFor();
  assert.equal(new URL(page.url()).searchParams.get('method'), 'XRD');
  await page.goBack();
  await page.getByText(/^7 entries you may see/).waitFor();
  await page.getByRole('button', { name: 'Elements' }).click();
  await page.getByRole('button', { name: /^Ti .*Titanium/ }).click();
  await page.getByText(/^[1-6] of 7 entries you may see/).waitFor();
  await look(page, 'search-elements');
  await page.getByLabel(/Words, formula or id/).fill('unobtainium');
  await page.getByText('No entry fits all of these filters.').waitFor();
  await look(page, 'search-none');
});

hour.step('on a phone the filters are a sheet, and More leads to sign-out', async () => {
  const { page } = mara;
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${hour.oasis.gui}search`);
  await page.getByRole('button', { name: 'Filters' }).click();
  await page.getByRole('dialog', { name: 'Filters' }).getByRole('button', { name: 'Show 7 entries' }).waitFor();
  await look(page, 'search-sheet', 390);
  await page.getByRole('button', { name: 'Show 7 entries' }).click();
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  await look(page, 'phone-more', 390);
  await page.setViewportSize({ width: 1280, height: 800 });
});

hour.step('an entry shows what it is about, its archive as a tree, and its raw files', async () => {
  const { page } = mara;
  await page.goto(`${hour.oasis.gui}search?q=absorption`);
  await page.getByRole('link', { name: 'Absorption of TiO2 film 07' }).click();
  await page.getByRole('heading', { level: 1, name: 'Absorption of TiO2 film 07' }).waitFor();
  await page.getByRole('region', { name: 'film.png' }).getByRole('img').waitFor();
  await page.getByRole('region', { name: 'Table xrd.csv' }).waitFor();
  entryUrl = page.url();
  await look(page, 'entry');
  await page.getByRole('link', { name: 'Archive', exact: true }).click();
  const tree = page.getByRole('tree', { name: 'Contents of the archive' });
  await tree.getByRole('treeitem', { name: /optical_gap/ }).click();
  await page.getByRole('region', { name: 'optical_gap' }).getByText('3.24').waitFor();
  assert.equal(new URL(page.url()).searchParams.get('path'), 'data/optical_gap');
  await look(page, 'entry-archive');
  await page.getByRole('link', { name: 'Files', exact: true }).click();
  await page.getByRole('button', { name: 'Quick look: film.png' }).click();
  await page.getByRole('img', { name: 'Picture film.png' }).waitFor();
  await look(page, 'entry-files');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'xrd.csv' }).click();
  assert.deepEqual(await readFile(await (await download).path()), await readFile(join(series, 'xrd.csv')));
});

hour.step('a reference in the archive leads to the other entry', async () => {
  const { page } = mara;
  await page.goto(`${entryUrl}?tab=archive&path=data/samples/0/reference`);
  await page.getByRole('link', { name: 'Follow the reference' }).click();
  await page.getByRole('heading', { level: 1, name: 'TiO2 film 07', exact: true }).waitFor();
});

hour.step('after signing out the page asks who one is, and leads back where one was', async () => {
  const { page } = mara;
  await page.goto(entryUrl);
  await page.getByRole('heading', { level: 1, name: 'Absorption of TiO2 film 07' }).waitFor();
  await signOut(page);
  await page.getByRole('link', { name: 'Ask mara@example.org' }).waitFor();
  await look(page, 'sign-in');
  mara.expect(/401/);
  await page.goto(entryUrl);
  await fillSignIn(page, 'mara', password);
  await page.getByRole('heading', { level: 1, name: 'Absorption of TiO2 film 07' }).waitFor();
});

hour.step('somebody else here sees nothing of it, and is told nothing about it', async () => {
  await hour.oasis.addUser('jana', 'another fine sentence');
  const jana = await hour.person();
  jana.expect(/40[34]/);
  await signIn(jana.page, hour.oasis, 'jana', 'another fine sentence');
  await jana.page.getByText('Nothing here yet.').waitFor();
  await jana.page.getByRole('link', { name: 'Search' }).first().click();
  await jana.page.getByText('No entries yet that you may see.').waitFor();
  await jana.page.goto(`${hour.oasis.gui}search?q=anatase`);
  await jana.page.getByText('No entry fits all of these filters.').waitFor();
  for (const [url, sentence] of [
    [uploadUrl, 'There is no such upload, or you may not see it.'],
    [entryUrl, 'There is no such entry, or you may not see it.'],
  ]) {
    await jana.page.goto(url);
    await jana.page.getByRole('heading', { level: 1, name: sentence }).waitFor();
    assert.equal(await jana.page.getByText(/tio2|Mara/i).count(), 0);
  }
  await look(jana.page, 'entry-hidden');
  await jana.close();
});

hour.step('the set-up link is dead', async () => {
  const late = await hour.person();
  late.expect(/410|404|403/);
  await late.page.goto(link);
  await late.page.getByText('This link was used or is too old.').waitFor();
  await look(late.page, 'setup-used');
  await late.close();
});
