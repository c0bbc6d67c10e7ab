// Coming in and going out, as people do.

/** Fills the sign-in form that is in sight and sends it. */
export async function fillSignIn(page, name, password) {
  await page.getByLabel('User name or e-mail').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Signs a person in through the sign-in page and waits for the uploads. */
export async function signIn(page, oasis, name, password) {
  await page.goto(`${oasis.gui}sign-in`);
  await fillSignIn(page, name, password);
  await page.getByRole('heading', { level: 1, name: 'Uploads' }).waitFor();
}

/** Signs out by the menu at the foot of the rail. */
export async function signOut(page) {
  const rail = page.getByRole('navigation', { name: 'Main', exact: true });
  await rail.locator('button[aria-expanded]').click();
  await rail.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('User name or e-mail').waitFor();
}
