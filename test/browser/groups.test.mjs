// A group from its first member to its end: made, filled by searching people, put into
// another one, left, deleted; and new uploads that are shared with it from the start.
import assert from 'node:assert/strict';
import { journey } from './lib/journey.mjs';
import { look } from './lib/look.mjs';
import { signIn } from './lib/session.mjs';

const password = 'a sentence is fine';

const groups = await journey('groups', {
  prepare: async (oasis) => {
    await oasis.addUser('mara', password, '--admin', '--first-name', 'Mara', '--last-name', 'Lindqvist');
    await oasis.addUser('jana', password, '--first-name', 'Jana', '--last-name', 'Novák');
    await oasis.addUser('kim', password, '--first-name', 'Kim', '--last-name', 'Brandt');
  },
});
let mara;
let jana;

/** Makes a group on the page and waits for its own page. */
async function make(page, name, description) {
  await page.getByRole('link', { name: 'Groups', exact: true }).first().click();
  await page.getByRole('heading', { level: 1, name: 'Groups' }).waitFor();
  await page.getByRole('button', { name: 'New group' }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  if (description) await page.getByLabel('Description').fill(description);
  await page.getByRole('button', { name: 'Make the group' }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

/** Searches in a field of the page and takes what is found. */
async function take(page, field, text, choice) {
  await page.getByRole('searchbox', { name: field }).fill(text);
  await page.getByRole('button', { name: choice }).click();
}

/** The answer about an upload that this person's session makes now. */
const newUpload = (page) =>
  page.evaluate(async () => (await (await fetch(`${document.baseURI.replace(/gui\/.*$/, '')}api/v1/uploads?upload_name=Scan`, { method: 'POST', headers: { Accept: 'application/json' } })).json()).data);

groups.step('somebody makes a group and adds people by their names', async () => {
  [mara, jana] = await Promise.all([groups.person(), groups.person()]);
  await Promise.all([signIn(mara.page, groups.oasis, 'mara', password), signIn(jana.page, groups.oasis, 'jana', password)]);
  await jana.page.getByRole('link', { name: 'Groups', exact: true }).first().click();
  await jana.page.getByText('You are in no group yet.').waitFor();
  await look(jana.page, 'groups-empty');
  await make(mara.page, 'Thin films', 'Furnaces 1 to 4 and the X-ray room');
  await take(mara.page, 'Add somebody', 'jan', /^Add Jana Novák/);
  await take(mara.page, 'Add somebody', 'kim', /^Add Kim Brandt/);
  await mara.page.getByRole('combobox', { name: 'Role of Kim Brandt' }).selectOption('Maintainer');
  await mara.page.getByRole('row', { name: /Kim Brandt/ }).getByRole('combobox').waitFor();
  await look(mara.page, 'group');
});

groups.step('new uploads are shared with the group from then on', async () => {
  const { page } = mara;
  const before = await newUpload(page);
  assert.deepEqual(before.reviewer_groups, []);
  await page.getByRole('link', { name: 'Groups', exact: true }).first().click();
  await page.getByRole('button', { name: 'Share new uploads…' }).click();
  await page.getByRole('searchbox', { name: 'With a person or a group' }).fill('thin');
  await page.getByRole('button', { name: /^With Thin films/ }).waitFor();
  await look(page, 'groups-share');
  await page.getByRole('button', { name: /^With Thin films/ }).click();
  await page.getByRole('button', { name: 'Share from now on' }).click();
  await page.getByText('Your new uploads: Thin films may look').waitFor();
  await look(page, 'groups');
  const shared = await newUpload(page);
  assert.equal(shared.reviewer_groups.length, 1);
  await jana.page.getByRole('link', { name: 'Uploads' }).first().click();
  await jana.page.reload(); // the list of half a minute ago would do for a person
  await jana.page.getByRole('link', { name: 'Scan' }).first().click();
  await jana.page.getByRole('heading', { level: 1, name: 'Scan' }).waitFor();
  assert.ok(jana.page.url().includes(shared.upload_id));
});

groups.step('a group in a group, and a member who leaves', async () => {
  await make(mara.page, 'Whole lab');
  await take(mara.page, 'Add a group', 'films', /^Add Thin films/);
  await mara.page.getByRole('button', { name: 'Remove Thin films' }).waitFor();
  await look(mara.page, 'group-of-groups');
  const { page } = jana;
  await page.getByRole('link', { name: 'Groups', exact: true }).first().click();
  await page.getByRole('link', { name: 'Thin films' }).click();
  await page.getByText('Only the owner, maintainers and administrators change this group.').waitFor();
  await look(page, 'group-member');
  await page.getByRole('button', { name: 'Leave…' }).click();
  await look(page, 'group-leave');
  await page.getByRole('button', { name: 'Leave the group' }).click();
  await page.getByText('You have left Thin films.').waitFor();
  await page.getByText('You are in no group yet.').waitFor();
  await page.getByRole('link', { name: 'Uploads' }).first().click();
  await page.reload();
  await page.getByText(/^Nothing here yet/).or(page.getByRole('table')).first().waitFor();
  assert.equal(await page.getByRole('link', { name: 'Scan' }).count(), 0);
});

groups.step('the owner deletes it, and what was shared with it is shared no longer', async () => {
  const { page } = mara;
  await page.getByRole('link', { name: 'Thin films' }).click();
  await page.getByRole('heading', { level: 1, name: 'Thin films' }).waitFor();
  await page.getByRole('button', { name: 'Delete…' }).click();
  await page.getByText(/2 members no longer see the uploads/).waitFor();
  await page.getByRole('button', { name: 'Delete the group' }).click();
  await page.getByText('Thin films is gone.').waitFor();
  await page.getByText('New uploads are seen by you alone until you share them.').waitFor();
  assert.deepEqual((await newUpload(page)).reviewer_groups, []);
});
