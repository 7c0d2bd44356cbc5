// The checklist is whole, and what it calls kept is shown by a test. The page is written anew with
// REQUIREMENTS=write in the environment.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isKnob } from '../../../engine/tcp/knobs.ts';
import { REQUIREMENTS } from '../../../engine/tcp/requirements.ts';
import { PAGE, page, shownBy } from './list.ts';

/** The numbers of Appendix B: none is left out, none comes twice. */
const ALL = [
  ...numbered('MUST', 69),
  ...numbered('SHLD', 31),
  ...numbered('MAY', 18),
  ...numbered('REC', 1),
];

function numbered(kind: string, most: number): string[] {
  return Array.from({ length: most }, (_, i) => `${kind}-${i + 1}`);
}

describe('the checklist of RFC 9293', () => {
  it('has every identifier of Appendix B exactly once', () => {
    expect(REQUIREMENTS.map(({ id }) => id).sort()).toEqual(ALL.sort());
  });

  it('gives each its level, a knob that is there, or a reason', () => {
    for (const { id, level, status, by } of REQUIREMENTS) {
      const kind = { MUST: 'MUST', SHLD: 'SHOULD', REC: 'SHOULD', MAY: 'MAY' }[
        id.split('-')[0] ?? ''
      ];
      expect(level, id).toMatch(new RegExp(`^${kind}`));
      if (status === 'knob') expect(isKnob(by), `${id}: ${by}`).toBe(true);
      if (status === 'left out') expect(by, id).not.toBe('');
    }
  });

  it('names a test for all that it calls kept, and none for what is left out', () => {
    const shown = shownBy();
    const without = REQUIREMENTS.filter(
      ({ id, status }) => status !== 'left out' && !shown.has(id),
    );
    expect(without.map(({ id }) => id)).toEqual([]);
    const known = new Map(REQUIREMENTS.map((r) => [r.id, r]));
    const wrong = [...shown.keys()].filter(
      (id) => (known.get(id)?.status ?? 'left out') === 'left out',
    );
    expect(wrong).toEqual([]);
  });

  it('is what the page says', () => {
    if (process.env['REQUIREMENTS'] === 'write') writeFileSync(PAGE, page());
    expect(existsSync(PAGE)).toBe(true);
    expect(readFileSync(PAGE, 'utf8')).toBe(page());
  });
});
