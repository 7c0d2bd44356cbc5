/** A knob that no code asks for, or a rule that no code names, promises what is not there. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { KNOBS } from '../../engine/tcp/knobs.ts';
import { PROFILES } from '../../engine/tcp/profiles.ts';
import { RULES } from '../../engine/tcp/rules.ts';
import { filesBelow } from './tree.ts';

const DATA = ['tcp/knobs.ts', 'tcp/profiles.ts', 'tcp/rules.ts'];

/** The code below folders of the engine, data left out, as one text. */
function sources(folders: readonly string[]): string {
  return folders
    .flatMap((folder) => filesBelow(`engine/${folder}`))
    .filter((file) => file.endsWith('.ts') && !DATA.some((data) => file.endsWith(data)))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}

const CODE = sources(['']);

describe('knobs', () => {
  it('are each asked for by code', () => {
    const unused = Object.keys(KNOBS).filter((name) => !new RegExp(`\\b${name}\\b`).test(CODE));
    expect(unused).toEqual([]);
  });

  it('have a sentence and a source, and choices that hold their default', () => {
    for (const [name, info] of Object.entries(KNOBS)) {
      expect(info.says, name).not.toBe('');
      expect(info.source, name).not.toBe('');
      if (info.choices !== null) expect(info.choices, name).toContain(info.value);
    }
  });

  it('are set by profiles to values of their kind', () => {
    for (const profile of Object.values(PROFILES)) {
      for (const [name, value] of Object.entries(profile.knobs)) {
        const info = KNOBS[name as keyof typeof KNOBS];
        expect(info, `${profile.name}: ${name}`).toBeDefined();
        expect(typeof value).toBe(typeof info.value);
        const choices: readonly unknown[] | null = info.choices;
        if (choices !== null) expect(choices).toContain(value);
      }
    }
  });

  it('decide what the stack does, never the name of a profile', () => {
    // What a conformance script presumes of the machine it was written on is not the stack's doing.
    const stack = sources(['base', 'tcp', 'host', 'network', 'log', 'timeline', 'simulation']);
    for (const name of Object.keys(PROFILES)) {
      expect(stack.match(new RegExp(`=== '${name}'`))).toBeNull();
    }
  });
});

describe('rules', () => {
  it('are each named by code', () => {
    const unused = Object.keys(RULES).filter((name) => !new RegExp(`'${name}'`).test(CODE));
    expect(unused).toEqual([]);
  });
});
