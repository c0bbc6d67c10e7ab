import { expect, test } from 'vitest';
import { preview, scopes, tried } from '../../test/examples';
import { groupTried } from './triedToken';

test('what it can is grouped by what it is about, what it cannot by the reason', () => {
  const answer = preview([
    tried({ summary: 'Create an upload', tag: 'uploads', scopes: ['uploads:write'] }),
    tried({ summary: 'Your own account', tag: 'users', scopes: ['users:read'] }),
    tried({ summary: 'Search entries', tag: 'entries', scopes: ['entries:read'], allowed: false, step: 'scopes', why: "Missing scopes: ['entries:read']" }),
    tried({ summary: 'One entry', tag: 'entries', scopes: ['entries:read'], allowed: false, step: 'scopes', why: "Missing scopes: ['entries:read']" }),
    tried({ summary: 'Make a token', tag: 'auth', scopes: ['tokens:create'], allowed: false, step: 'scopes', why: "Missing scopes: ['tokens:create']" }),
    tried({ summary: 'One upload', tag: 'uploads', scopes: ['uploads:write'], allowed: false, step: 'restrictions', why: 'This token may only add.' }),
  ]);
  expect(groupTried(answer, ['uploads:write', 'users:read'], scopes)).toEqual({
    can: [
      { title: 'Uploads', things: ['Create an upload'] },
      { title: 'People', things: ['Your own account'] },
    ],
    cannot: [
      { title: 'It was not given the right to read entries', things: ['Search entries', 'One entry'] },
      { title: 'No token can: it takes somebody who is signed in', things: ['Make a token'] },
      { title: 'This token may only add.', things: ['One upload'] },
    ],
  });
});

test('a chosen right that the rules of the lab take away is told in the words of the server', () => {
  const why = "Missing scopes: ['uploads:write']";
  const answer = preview([tried({ scopes: ['uploads:write'], allowed: false, step: 'scopes', why })]);
  expect(groupTried(answer, ['uploads:write'], scopes).cannot).toEqual([{ title: why, things: ['Create an upload'] }]);
});
