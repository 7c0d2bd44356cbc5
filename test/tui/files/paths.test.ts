import { expect, test } from 'vitest';
import { PROJECT, userFolder, userPath } from '../../../tui/files/paths.ts';

test.each([
  ['npm run twomsl', '/p', { INIT_CWD: '/u', npm_lifecycle_event: 'twomsl' }, '/u'],
  ['npm start', '/p', { INIT_CWD: '/u', npm_lifecycle_event: 'start' }, '/u'],
  ['deno task', '/p', { INIT_CWD: '/u' }, '/u'],
  ['a test under npm', '/p', { INIT_CWD: '/u', npm_lifecycle_event: 'test' }, '/p'],
  ['a child elsewhere', '/c', { INIT_CWD: '/u', npm_lifecycle_event: 'start' }, '/c'],
  ['no script', '/p', {}, '/p'],
])('%s in %s: paths begin in the right folder', (_, cwd, env, folder) => {
  expect(userFolder(cwd, env, '/p')).toBe(folder);
});

test('a path is relative to the folder of the user, - is not a path', () => {
  expect(userPath('a/../b', '/u')).toBe('/u/b');
  expect(userPath('/a', '/u')).toBe('/a');
  expect(userPath('-', '/u')).toBe('-');
  expect(PROJECT).toBe(process.cwd());
});
