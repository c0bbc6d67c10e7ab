import type { CodeTab } from '../ui/CodeTabs';
import { type TokenLimits, unlimited } from './tokenLimits';

const file = '$HOME/.oasis-token';

/** Ready commands for a token. The token itself is never in them: it is read from a file only its owner can read. */
export function usageOf(api: string, scopes: string[], limits: TokenLimits = unlimited): CodeTab[] {
  const call = callFor(scopes, limits);
  return [
    { id: 'curl', label: 'curl', code: `${save}\n\n# then:\n${curlFor(api, call)}` },
    { id: 'python', label: 'Python', code: pythonFor(api, call) },
  ];
}

/** A call that the token may make, the most telling one. */
interface Call {
  method: 'GET' | 'POST' | 'PUT';
  path: string;
}

function callFor(scopes: string[], { appendOnly, uploads }: TokenLimits): Call {
  const has = (scope: string): boolean => scopes.includes(scope);
  // A token for certain uploads cannot make new ones.
  if (has('uploads:write') && uploads[0] !== undefined) return { method: 'PUT', path: `uploads/${uploads[0]}/raw/?file_name=FILE` };
  if (has('uploads:write')) return { method: 'POST', path: 'uploads?file_name=FILE' };
  if (has('entries:read') && !appendOnly) return { method: 'GET', path: 'entries?owner=visible&page_size=10' };
  return { method: 'GET', path: has('uploads:read') && !appendOnly ? 'uploads' : 'users/me' };
}

const save = `# once: paste the token when asked; the file is readable by you alone
printf 'Token: '; read -rs TOKEN
(umask 077; printf 'Authorization: Bearer %s\\n' "$TOKEN" > "${file}")
unset TOKEN`;

function curlFor(api: string, { method, path }: Call): string {
  const curl = `curl -H @"${file}"`;
  if (method === 'GET') return `${curl} '${api}/${path}'`;
  // With -T, curl itself would add the file's name to an address that ends in a slash.
  return method === 'PUT' ? `${curl} -X PUT -F file=@FILE \\\n  '${api}/${path.replace(/\?.*/, '')}'` : `${curl} -X POST -T FILE \\\n  '${api}/${path}'`;
}

function pythonFor(api: string, { method, path }: Call): string {
  const call =
    method === 'GET'
      ? `answer = requests.get(f"{api}/${path}", headers=headers)`
      : `with open("FILE", "rb") as data:
    answer = requests.${method.toLowerCase()}(f"{api}/${path}", data=data, headers=headers)`;
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
