export const refusalWords = {
  nothingChanged: 'Nothing was changed.',
  whoHelps: 'Who can help',
  decided: 'How this was decided',
  admin: (lab: string): string => `Administrator of ${lab}`,
  ask: (name: string): string => `Ask ${name}`,
  request: 'request',
  copy: 'Copy details',
  missing: 'There is no such page here.',
  missingMore: 'The address may be mistyped, or what was here is gone.',
  hidden: (path: string): string => `There is no such ${/\/(upload|entrie|group)s\//.exec(path)?.[1]?.replace('entrie', 'entry') ?? 'page'}, or you may not see it.`,
  hiddenMore: 'The address may be mistyped, what was here may be gone, or it is not shared with you. Ask whoever gave you the link.',
  back: 'Go to search',
  again: 'Try again',
  failed: 'This did not work.',
  otherAccount: 'Use another account',
  token: (scope: string): string => `Make a token that also has ${scope}`,
};

const stepNames: Record<string, string> = {
  network: 'Network',
  set_up: 'Set-up',
  credential: 'Credential',
  sign_in: 'Sign-in',
  user: 'Account',
  allow_list: 'Allow list',
  authorized_users: 'Allow list',
  scopes: 'Rights',
  restrictions: 'Limits of the token',
  role: 'Role',
  object: 'This object',
};

/** The name of a box of the flowchart; one the page does not know keeps the server's word, made readable. */
export function stepName(step: string): string {
  const known = stepNames[step];
  if (known !== undefined) return known;
  const words = step.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
