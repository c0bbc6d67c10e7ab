// From an upload that only its author sees to one that everybody reads: shared
// with a person and with everyone here, published with an embargo, opened.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { drop, examples } from './lib/files.mjs';
import { journey } from './lib/journey.mjs';
import { look } from './lib/look.mjs';
import { signIn } from './lib/session.mjs';

const password = 'a sentence is fine';

const share = await journey('share', {
  prepare: async (oasis) => {
    await oasis.addUser('mara', password, '--admin', '--first-name', 'Mara', '--last-name', 'Lindqvist');
    await oasis.addUser('jana', password, '--first-name', 'Jana', '--last-name', 'Novák');
    await oasis.addUser('sam', password, '--first-name', 'Samuel', '--last-name', 'Okafor');
  },
});
let mara;
let jana;
let address;

share.step('a new upload is its author’s alone, and says so on each of its steps', async () => {
  mara = await share.person();
  const { page } = mara;
  await signIn(page, share.oasis, 'mara', password);
  await drop(page, [join(examples, 'tio2-anneal')]);
  await page.getByRole('heading', { level: 1, name: 'tio2-anneal' }).waitFor();
  address = page.url().replace(/\?.*/, '');
  await page.getByRole('link', { name: /^Entries .* read/ }).waitFor();
  await page.getByRole('link', { name: 'Who may see it Only the main author' }).click();
  await page.getByText('Visible only to you.').waitFor();
  await page.getByRole('heading', { level: 2, name: 'People and groups' }).waitFor();
  await look(page, 'share-alone');
});

share.step('somebody who was not let in meets a closed door', async () => {
  jana = await share.person();
  jana.expect(/403/);
  await signIn(jana.page, share.oasis, 'jana', password);
  await jana.page.goto(address);
  await jana.page.getByRole('heading', { level: 1, name: 'There is no such upload, or you may not see it.' }).waitFor();
});

share.step('a person is found by name, let in at once, and may then be allowed to change it', async () => {
  const { page } = mara;
  await page.getByLabel('Add a person or group').fill('jan');
  await page.getByRole('button', { name: /^Add Jana Novák/ }).waitFor();
  await look(page, 'share-search');
  await page.getByRole('button', { name: /^Add Jana Novák/ }).click();
  await page.getByText('Visible to you and Jana Novák.').waitFor();
  await page.getByLabel('Add a person or group').fill('sam');
  await page.getByRole('button', { name: /^Add Samuel Okafor/ }).click();
  await page.getByText('Visible to you, Jana Novák and Samuel Okafor.').waitFor();
  await page.getByLabel('What Jana Novák may do').selectOption('May change');
  await page.getByText('co-author').waitFor();
  await look(page, 'share-people');
  await jana.page.reload();
  await jana.page.getByRole('heading', { level: 1, name: 'tio2-anneal' }).waitFor();
  await jana.page.getByRole('button', { name: 'Add files' }).waitFor();
});

share.step('who was removed by mistake comes back by Undo', async () => {
  const { page } = mara;
  await page.getByRole('button', { name: 'Remove Samuel Okafor' }).click();
  await page.getByText('Visible to you and Jana Novák.').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('Visible to you, Jana Novák and Samuel Okafor.').waitFor();
});

share.step('everyone here may look, by one click with its consequence beside it', async () => {
  const { page } = mara;
  await page.getByRole('radio', { name: /may look/ }).click();
  await page.getByText(/^Visible to you, Jana Novák, Samuel Okafor and everyone/).waitFor();
  await page.getByRole('radio', { name: 'Cannot see it' }).click();
  await page.getByText('Visible to you, Jana Novák and Samuel Okafor.').waitFor();
});

share.step('publishing says in words and in a picture what it will mean, before and in the question', async () => {
  const { page } = mara;
  await page.getByRole('link', { name: /^Publish Not published yet/ }).click();
  await page.getByText('From the moment you publish, anyone on the internet may read this.').waitFor();
  await look(page, 'publish-now');
  await page.getByRole('radio', { name: 'After an embargo' }).click();
  await page.getByLabel('Embargo in months').selectOption('18');
  await page.getByText(/^From .* anyone on the internet may read this\.$/).waitFor();
  await look(page, 'publish-embargo');
  await page.getByRole('button', { name: /^Publish \d+ entr/ }).click();
  const dialog = page.getByRole('dialog');
  assert.ok(await dialog.getByRole('button', { name: /for good/ }).isDisabled(), 'others share it, so the name has to be typed');
  await look(page, 'publish-question');
  await dialog.getByRole('textbox').fill('tio2-anneal');
  await dialog.getByRole('button', { name: /for good/ }).click();
  await page.getByText(/with an embargo that ends on/).waitFor();
  await look(page, 'published-embargo');
});

share.step('while the embargo lasts a visitor sees nothing of the files, and everything when it is ended', async () => {
  const visitor = await share.person();
  visitor.expect(/40[13]/);
  await visitor.page.goto(address);
  await visitor.page.getByRole('heading', { level: 1, name: /There is no such upload|You do not have access|sign in/i }).waitFor();
  const { page } = mara;
  await page.getByRole('button', { name: 'End the embargo now' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'End the embargo' }).click();
  await page.getByText(/^Visible to everyone on the internet since/).waitFor();
  await look(page, 'published');
  await visitor.page.reload();
  await visitor.page.getByRole('heading', { level: 1, name: 'tio2-anneal' }).waitFor();
  await visitor.close();
});

share.step('the bell tells what happened; an offer made elsewhere is answered in it', async () => {
  const { page } = mara;
  await page.getByRole('button', { name: /^Notifications, \d+ new$/ }).click();
  const panel = page.getByRole('region', { name: 'Notifications' });
  await panel.getByRole('link', { name: '“tio2-anneal” is published.' }).waitFor();
  await look(page, 'bell');
  await page.keyboard.press('Escape');
  // There is no form for an offer yet: it is made by the API, with the session of the page.
  await page.evaluate(async (id) => {
    const answer = await fetch('../api/v1/ownership-transfers', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ resource_type: 'upload', resource_id: id, target_user: 'jana', target_user_type: 'username' }),
    });
    if (!answer.ok) throw new Error(`the offer was answered with ${answer.status}`);
  }, address.split('/').at(-1));
  await jana.page.getByRole('button', { name: /^Notifications, 1 new$/ }).click();
  await jana.page.getByText('Mara Lindqvist offers you the upload “tio2-anneal”.').waitFor();
  await look(jana.page, 'bell-offer');
  await jana.page.getByRole('button', { name: 'Take it over' }).click();
  await jana.page.getByText('tio2-anneal is yours now.').waitFor();
});
