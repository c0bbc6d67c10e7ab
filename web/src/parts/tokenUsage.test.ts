import { expect, test } from 'vitest';
import { usageOf } from './tokenUsage';

const api = 'http://oasis.test/nomad-oasis/api/v1';

test.each([
  [['uploads:write', 'entries:read'], `-X POST -T FILE \\\n  '${api}/uploads?file_name=FILE'`],
  [['uploads:read', 'entries:read'], `'${api}/entries?owner=visible&page_size=10'`],
  [['uploads:read'], `'${api}/uploads'`],
  [['users:read'], `'${api}/users/me'`],
])('the curl line for %j fits what the token may do', (scopes, line) => {
  const [curl] = usageOf(api, scopes);
  expect(curl?.code).toContain(`curl -H @"$HOME/.oasis-token" ${line}`);
});

test('the file with the token is readable by its owner only', () => {
  expect(usageOf(api, [])[0]?.code).toContain(`(umask 077; printf 'Authorization: Bearer %s\\n' "$TOKEN" > "$HOME/.oasis-token")`);
});

test('a token for one upload gets a line that adds to that one, because it can make no other', () => {
  const [curl, python] = usageOf(api, ['uploads:write'], { appendOnly: true, uploads: ['up-1'], networks: [] });
  expect(curl?.code).toContain(`-X PUT -F file=@FILE \\\n  '${api}/uploads/up-1/raw/'`);
  expect(python?.code).toContain('requests.put(f"{api}/uploads/up-1/raw/?file_name=FILE"');
});
