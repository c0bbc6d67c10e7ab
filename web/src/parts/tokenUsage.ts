import type { CodeTab } from '../ui/CodeTabs';

const file = '$HOME/.oasis-token';

/** Ready commands for a token. The token itself is never in them: it is read from a file only its owner can read. */
export function usageOf(api: string, scopes: string[]): CodeTab[] {
  return [
    { id: 'curl', label: 'curl', code: `${save}\n\n# then:\n${curlFor(api, scopes)}` },
    { id: 'python', label: 'Python', code: pythonFor(api, scopes) },
  ];
}

const save = `# once: paste the token when asked; the file is readable by you alone
printf 'Token: '; read -rs TOKEN
(umask 077; printf 'Authorization: Bearer %s\\n' "$TOKEN" > "${file}")
unset TOKEN`;

function curlFor(api: string, scopes: string[]): string {
  const curl = `curl -H @"${file}"`;
  if (scopes.includes('uploads:write')) return `${curl} -X POST -T FILE \\\n  '${api}/uploads?file_name=FILE'`;
  if (scopes.includes('entries:read')) return `${curl} '${api}/entries?owner=visible&page_size=10'`;
  if (scopes.includes('uploads:read')) return `${curl} '${api}/uploads'`;
  return `${curl} '${api}/users/me'`;
}

function pythonFor(api: string, scopes: string[]): string {
  const call = scopes.includes('uploads:write')
    ? `with open("FILE", "rb") as data:
    answer = requests.post(f"{api}/uploads", params={"file_name": "FILE"}, data=data, headers=headers)`
    : scopes.includes('entries:read')
      ? `answer = requests.get(f"{api}/entries", params={"owner": "visible"}, headers=headers)`
      : `answer = requests.get(f"{api}/${scopes.includes('uploads:read') ? 'uploads' : 'users/me'}", headers=headers)`;
  return `from pathlib import Path
import requests

api = "${api}"
# the file holds one line: Authorization: Bearer nomad_pat_…
name, value = (Path.home() / ".oasis-token").read_text().strip().split(": ", 1)
headers = {name: value, "Accept": "application/json"}

${call}
answer.raise_for_status()
print(answer.json())`;
}
