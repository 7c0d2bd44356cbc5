// Which tests show which requirement, and the page that tells it.
import { readdirSync, readFileSync } from 'node:fs';
import { LEFT_OUT, REQUIREMENTS, type Requirement } from '../../../engine/tcp/requirements.ts';

const ROOT = new URL('../', import.meta.url);
export const PAGE = new URL('REQUIREMENTS.md', ROOT);

/** Titles of the conformance tests, with their file. */
function titles(): { file: string; title: string }[] {
  return ['requirements', 'rfc'].flatMap((folder) =>
    readdirSync(new URL(folder, ROOT))
      .filter((file) => file.endsWith('.test.ts'))
      .sort()
      .flatMap((file) => {
        const text = readFileSync(new URL(`${folder}/${file}`, ROOT), 'utf8');
        const found = text.matchAll(/\bit(?:\.each\([\s\S]*?\))?\(\s*(['`"])((?:\\.|(?!\1).)*)\1/g);
        return [...found].map((m) => ({ file: `${folder}/${file}`, title: m[2] as string }));
      }),
  );
}

/** The identifiers that a title begins with: `MUST-20, SHLD-11: …`. */
function identifiers(title: string): string[] {
  const head = /^(?:(?:MUST|SHLD|MAY|REC)-\d+(?:, )?)+(?=:)/.exec(title);
  return head === null ? [] : head[0].split(', ');
}

/** Files whose tests show a requirement. */
export function shownBy(): Map<string, string[]> {
  const shown = new Map<string, string[]>();
  for (const { file, title } of titles()) {
    for (const id of identifiers(title)) {
      const files = shown.get(id) ?? [];
      if (!files.includes(file)) shown.set(id, [...files, file]);
    }
  }
  return shown;
}

function row(r: Requirement, shown: ReadonlyMap<string, readonly string[]>): string {
  const files = (shown.get(r.id) ?? []).map((file) => `[${nameOf(file)}](${file})`).join(', ');
  const fate = r.status === 'left out' ? `left out: ${r.by}` : files;
  const which = r.status === 'knob' ? `\`${r.by}\`` : '';
  return `| ${r.id} | §${r.section} | ${r.level} | ${r.says} | ${which} | ${fate} |`;
}

const nameOf = (file: string) => file.replace(/^.*\//, '').replace('.test.ts', '');

export function page(): string {
  const shown = shownBy();
  const count = (status: string) => REQUIREMENTS.filter((r) => r.status === status).length;
  return [
    '# The requirements of RFC 9293',
    '',
    'Every identifier of its Appendix B, in our own words. The list is data in',
    '`engine/tcp/requirements.ts`; this page is made from it and from the titles of the tests,',
    'and a test holds it to both. A test that shows a requirement begins with its identifier.',
    'Where a knob stands, it decides, and its default keeps the requirement.',
    '',
    `${count('kept')} are kept as they are, ${count('knob')} by a knob, ` +
      `${count('left out')} are left out for the reason given.`,
    '',
    '| Identifier | Section | Level | Demands (or forbids) | Knob | Shown by |',
    '|---|---|---|---|---|---|',
    ...REQUIREMENTS.map((r) => row(r, shown)),
    '',
    '## Left out of the RFCs that it names',
    '',
    ...LEFT_OUT.map(({ source, why }) => `- ${source}: ${why}.`),
    '',
  ].join('\n');
}
