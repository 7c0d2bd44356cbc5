// The layers of the program, and who may import whom.

import { posix } from 'node:path';

const row = 'base tcp host network log timeline simulation projections'.split(' ');
const sideBySide = 'experiments formats explore'.split(' ');
const enginePackages = ['immer', '@noble/hashes', 'nanoid'];

/** Whether a file may import a file of the project (a path from the root) or a package. */
export function mayImport(from: string, to: string): boolean {
  if (from.startsWith('engine/')) {
    if (!to.startsWith('engine/')) return isEnginePackage(to);
    if (from === 'engine/index.ts') return true;
    return mayImportLayer(layerOf(from), layerOf(to));
  }
  if (from.startsWith('tui/')) {
    if (to.startsWith('test/')) return false;
    return !to.startsWith('engine/') || to === 'engine/index.ts';
  }
  return true;
}

function isEnginePackage(name: string): boolean {
  return enginePackages.some((allowed) => name === allowed || name.startsWith(`${allowed}/`));
}

function mayImportLayer(from: string, to: string): boolean {
  if (from === to) return row.includes(from) || sideBySide.includes(from);
  const rank = sideBySide.includes(from) ? row.length : row.indexOf(from);
  const target = row.indexOf(to);
  return target !== -1 && target < rank;
}

function layerOf(path: string): string {
  return path.split('/')[1] ?? '';
}

const importForms = [
  /^\s*(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"]+)['"]/gm,
  /^\s*import\s*['"]([^'"]+)['"]/gm,
  /\bimport\(\s*['"]([^'"]+)['"]/g,
];

/** What a source imports, in the order of the text: paths from the root, or names of packages. */
export function importsOf(path: string, text: string): string[] {
  const found: [number, string][] = [];
  for (const form of importForms) {
    for (const match of text.matchAll(form)) {
      const specifier = match[1] ?? '';
      const relative = specifier.startsWith('.');
      const target = relative ? posix.join(posix.dirname(path), specifier) : specifier;
      found.push([match.index, target]);
    }
  }
  return found.sort(([a], [b]) => a - b).map(([, target]) => target);
}

/** The circles of a graph, each as one line that starts at its first file by name. */
export function cycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const found = new Set<string>();
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (node: string): void => {
    const start = path.indexOf(node);
    if (start !== -1) {
      found.add(describeCycle(path.slice(start)));
      return;
    }
    if (done.has(node)) return;
    path.push(node);
    for (const next of graph.get(node) ?? []) visit(next);
    path.pop();
    done.add(node);
  };
  for (const node of graph.keys()) visit(node);
  return [...found].sort();
}

function describeCycle(nodes: readonly string[]): string {
  const first = nodes.indexOf([...nodes].sort()[0] ?? '');
  const turned = [...nodes.slice(first), ...nodes.slice(0, first)];
  return [...turned, turned[0]].join(' → ');
}
