// What people meet when something is wrong: each refusal says what, and gives nothing away.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { drop, examples } from './lib/files.mjs';
import { journey } from './lib/journey.mjs';
import { look } from './lib/look.mjs';
import { fillSignIn, signIn } from './lib/session.mjs';

const password = 'a sentence is fine';
const maxTries = 30;

const refusals = await journey('refusals', {
  prepare: async (oasis) => {
    await oasis.addUser('mara', password, '--admin');
    await oasis.addUser('jana', password);
  },
});
let mara;

refusals.step('an archive that cannot be read fails alone, with file, line and reason', async () => {
  mara = await refusals.person();
  const { page } = mara;
  await signIn(page, refusals.oasis, 'mara', password);
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'New upload' }).click();
  await (await chooser).setFiles({ name: 'torn.archive.yaml', mimeType: 'text/yaml', buffer: Buffer.from('data:\n  name: Torn\n  tags: [a, b\n') });
  await page.getByRole('heading', { level: 1, name: 'torn.archive.yaml' }).waitFor();
  await drop(page, [join(examples, 'tio2-anneal', 'furnace.archive.yaml')]);
  await page.getByRole('link', { name: 'Entries 1 of 2 read, 1 failed' }).click();
  const row = page.getByRole('row', { name: /torn\.archive\.yaml/ });
  await row.getByText(/torn\.archive\.yaml:3:/).waitFor();
  await row.getByText('Failed', { exact: true }).waitFor();
  await page.getByRole('row', { name: /Tube furnace 2/ }).getByText('Read', { exact: true }).waitFor();
  await look(page, 'upload-broken');
  await row.getByRole('link').first().click();
  await page.getByText('What could not be read').waitFor();
  await page.getByText(/torn\.archive\.yaml:3:/).waitFor();
  await look(page, 'entry-broken');
});

refusals.step('a value that fits nowhere leaves the entry readable, and is named with its line', async () => {
  const { page } = mara;
  await page.getByRole('link', { name: 'Uploads' }).first().click();
  await page.getByRole('link', { name: 'torn.archive.yaml' }).waitFor();
  await drop(page, [join(examples, 'broken')]);
  await page.getByRole('heading', { level: 1, name: 'broken' }).waitFor();
  await page.getByRole('link', { name: /^Entries 1 read in part/ }).click();
  const row = page.getByRole('row', { name: /anneal\.archive\.yaml/ });
  await row.getByText(/anneal\.archive\.yaml:14:.*45O/).waitFor();
  await look(page, 'upload-noted');
  await row.getByRole('link', { name: 'Anneal of a film' }).click();
  await page.getByText(/anneal\.archive\.yaml:14:.*45O/).waitFor();
  await look(page, 'entry-noted');
});

refusals.step('the list says in which upload something failed', async () => {
  const { page } = mara;
  await page.getByRole('link', { name: 'Uploads' }).first().click();
  await page.getByRole('row', { name: /torn\.archive\.yaml.*1 of 2 failed/ }).waitFor();
  await look(page, 'uploads-failed');
});

refusals.step('an archive with a way out of its folder is refused by name, and leaves nothing', async () => {
  const { page } = mara;
  mara.expect(/422|400/);
  // A zip of one member "../evil.txt", stored, made by hand: tools refuse to make one.
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'New upload' }).click();
  await (await chooser).setFiles({ name: 'evil.zip', mimeType: 'application/zip', buffer: zipOf('../evil.txt', 'boo') });
  await page.getByRole('alert').getByText(/\.\.\/evil\.txt/).waitFor();
  await look(page, 'upload-refused');
});

refusals.step('an upload that does not exist and one of somebody else look the same', async () => {
  const { page } = mara;
  await page.getByRole('link', { name: 'Uploads' }).first().click();
  await page.getByRole('link', { name: 'torn.archive.yaml' }).click();
  await page.getByRole('heading', { level: 1, name: 'torn.archive.yaml' }).waitFor();
  const hers = page.url();
  const jana = await refusals.person();
  jana.expect(/40[34]/);
  await signIn(jana.page, refusals.oasis, 'jana', password);
  const seen = [];
  for (const url of [hers, `${refusals.oasis.gui}uploads/${'x'.repeat(22)}`]) {
    await jana.page.goto(url);
    await jana.page.getByRole('heading', { level: 1, name: 'There is no such upload, or you may not see it.' }).waitFor();
    assert.equal(jana.page.url(), url);
    const text = await jana.page.getByRole('main').innerText();
    seen.push(text.replace(/request \S+/, 'request'));
  }
  assert.equal(seen[0], seen[1]);
  await look(jana.page, 'upload-hidden');
  await jana.close();
});

refusals.step('an address that no page has says so', async () => {
  const { page } = mara;
  await page.goto(`${refusals.oasis.gui}nothing/here`);
  await page.getByRole('heading', { level: 1, name: 'There is no such page here.' }).waitFor();
  await look(page, 'no-page');
});

refusals.step('a wrong password and an unknown name get the same sentence', async () => {
  const visitor = await refusals.person();
  visitor.expect(/401/);
  const { page } = visitor;
  await page.goto(`${refusals.oasis.gui}sign-in`);
  for (const name of ['mara', 'nobody-here']) {
    await fillSignIn(page, name, 'not this one, sorry');
    await page.getByRole('alert').getByText('That user name and password do not match.').waitFor();
  }
  await look(page, 'sign-in-wrong');
  await visitor.close();
});

refusals.step('after many tries one has to wait, and is told how long', async () => {
  const visitor = await refusals.person();
  visitor.expect(/401|429/);
  const { page } = visitor;
  await page.goto(`${refusals.oasis.gui}sign-in`);
  const wait = page.getByRole('alert').getByText(/^Too many tries\. Next try in \d+ seconds?\.$/);
  const button = page.getByRole('button', { name: 'Sign in', exact: true });
  let tries = 0;
  while ((await wait.count()) === 0) {
    assert.ok(++tries < maxTries, `${tries} wrong passwords and never throttled`);
    const answer = page.waitForResponse((response) => response.url().endsWith('/auth/session') && response.request().method() === 'POST');
    await fillSignIn(page, 'jana', `wrong, number ${tries}`);
    await answer;
    await page.getByRole('alert').locator(':scope > *').waitFor();
  }
  assert.ok(await button.isDisabled());
  await look(page, 'sign-in-wait');
  await page.getByRole('alert').getByText('You can try again now.').waitFor();
  assert.ok(await button.isEnabled());
  await visitor.close();
});

refusals.step('a session that ends in the middle asks over the page, and goes on with what was asked', async () => {
  const { page } = mara;
  mara.expect(/401/);
  await page.goto(`${refusals.oasis.gui}account/tokens/new`);
  await page.getByLabel('Name', { exact: true }).fill('kept');
  await mara.context.clearCookies();
  await page.getByRole('button', { name: 'Make the token' }).click();
  const dialog = page.getByRole('dialog', { name: 'Sign in' });
  await dialog.waitFor();
  await look(page, 'sign-in-over');
  await fillSignIn(page, 'mara', password);
  await page.getByRole('heading', { level: 1, name: '“kept” is ready' }).waitFor();
  page.once('dialog', (dialog) => void dialog.accept());
  await page.getByRole('button', { name: 'I have saved it' }).click();
  await page.getByRole('row', { name: /kept/ }).waitFor();
});

refusals.step('without the server the page says that it is not connected, and comes back', async () => {
  const { page } = mara;
  mara.expect(/ERR_INTERNET_DISCONNECTED/);
  await page.goto(`${refusals.oasis.gui}uploads`);
  await page.getByRole('row', { name: /torn\.archive\.yaml/ }).waitFor();
  await mara.context.setOffline(true);
  await page.getByText('Published', { exact: true }).click();
  await page.getByText(/Not connected\./).waitFor();
  await page.getByText('The server cannot be reached.').waitFor();
  await look(page, 'offline');
  await mara.context.setOffline(false);
  await page.getByText(/Not connected\./).waitFor({ state: 'detached' });
});

function zipOf(name, text) {
  const [path, data] = [Buffer.from(name), Buffer.from(text)];
  const crc = crc32(data);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt32LE(crc, 10);
  common.writeUInt32LE(data.length, 14);
  common.writeUInt32LE(data.length, 18);
  common.writeUInt16LE(path.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, path, data]);
  const rest = Buffer.alloc(14);
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, rest, path]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from('PK\x05\x06', 'latin1'), end]);
}

function crc32(data) {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
