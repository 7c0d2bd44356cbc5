// What engine/base/platform.d.ts promises of every runtime, and that the tests run on the runtime
// they were started for.

import { expect, test } from 'vitest';

test('text goes to UTF-8 and back', () => {
  const text = 'SYN → SYN,ACK ✓';
  expect(new TextDecoder().decode(new TextEncoder().encode(text))).toBe(text);
});

test('malformed UTF-8 throws when the decoder is fatal', () => {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  expect(() => decoder.decode(new Uint8Array([0xc3]))).toThrow(TypeError);
});

test.runIf(process.env['TEST_RUNTIME'])('the runtime is the one that was asked for', () => {
  expect('Deno' in globalThis ? 'deno' : 'node').toBe(process.env['TEST_RUNTIME']);
});
