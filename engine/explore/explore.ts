/**
 * Exhaustive exploration, breadth first: from two closed hosts every choice in every state, within
 * bounds. States are merged by their canonical form; the first way to a state is a shortest one.
 */
import type { LogHeader } from '../log/header.ts';
import { EDGES, type Edge, STATES, type State } from '../tcp/states.ts';
import { initialState } from '../timeline/initial.ts';
import { commit } from '../timeline/world.ts';
import { type Bounds, DEFAULT_BOUNDS, type Ground, headerFor, STEP_US } from './bounds.ts';
import { canonicalText } from './canonical.ts';
import { type Choice, choicesOf, choiceToStart } from './choices.ts';
import { type Claim, STATE_CLAIMS } from './claims.ts';
import { NO_GHOST, type Node, pairOf } from './node.ts';
import { restOf } from './rest.ts';
import { type Broken, takeStep } from './steps.ts';

export type ExploreOptions = Partial<Pick<Ground, 'profile' | 'knobs'>> & {
  readonly bounds?: Partial<Bounds>;
  /** Longest way to look for, the way to the start included. */
  readonly pathMax?: number;
  /** Stops at the first state of which this is true. */
  readonly until?: (pair: Pair) => boolean;
};

/** States of A and of B. */
export type Pair = readonly [State, State];

/** A claim that does not hold, and the shortest way there. */
export type Violation = Broken & { readonly claim: Claim; readonly path: readonly Choice[] };

export type Report = {
  readonly states: number;
  readonly transitions: number;
  /** Steps of the longest of all shortest ways. */
  readonly depth: number;
  /** Whether everything within the budgets was seen: neither depth nor the number of states cut. */
  readonly complete: boolean;
  readonly pairs: readonly Pair[];
  readonly edgesTaken: readonly Edge[];
  readonly edgesNotTaken: readonly Edge[];
  /** One for each claim that was broken. */
  readonly violations: readonly Violation[];
  /** States at rest by what they are: `closed`, `held by A`, `half-open`…, and how many. */
  readonly rests: Readonly<Record<string, number>>;
};

export type Exploration = {
  readonly header: LogHeader;
  readonly bounds: Bounds;
  /** Goes on for so many states. False: there is nothing more to do. */
  advance(states: number): boolean;
  report(): Report;
  /** The shortest way to what `until` asked for. */
  found(): readonly Choice[] | undefined;
};

/** Time of the start. */
const START = 1_000;

type Search = {
  readonly header: LogHeader;
  readonly bounds: Bounds;
  readonly pathMax: number;
  /** What leads to the start. */
  readonly prefix: readonly Choice[];
  readonly until: ((pair: Pair) => boolean) | undefined;
  readonly known: Set<string>;
  /** By state: the one before it, and the choice that led here. */
  readonly parents: number[];
  readonly choices: (Choice | undefined)[];
  /** What is to be expanded, from `next` on; what was is dropped. */
  readonly queue: (Node | undefined)[];
  next: number;
  /** Position in the queue at which the next depth begins. */
  depthEnd: number;
  depth: number;
  transitions: number;
  cut: boolean;
  found: number;
  readonly pairs: Set<number>;
  readonly edges: Set<number>;
  readonly broken: Map<string, { readonly broken: Broken; readonly at: number; last?: Choice }>;
  readonly rests: Map<string, number>;
};

export function startExploration(options: ExploreOptions = {}): Exploration {
  const bounds = { ...DEFAULT_BOUNDS, ...options.bounds };
  const ground = { profile: options.profile ?? 'rfc9293', knobs: options.knobs ?? {}, bounds };
  const header = headerFor(ground, 'Exploration', '');
  const { path, node: first } = walkToStart(header, bounds);
  const search: Search = {
    header,
    bounds,
    prefix: path,
    pathMax: options.pathMax ?? Number.POSITIVE_INFINITY,
    until: options.until,
    known: new Set([canonicalText(first.snapshot, first.ghost, first.flights)]),
    parents: [-1],
    choices: [undefined],
    queue: [first],
    next: 0,
    depthEnd: 1,
    depth: 0,
    transitions: 0,
    cut: false,
    found: -1,
    pairs: new Set(),
    edges: new Set(),
    broken: new Map(),
    rests: new Map(),
  };
  look(search, first, 0);
  return {
    header,
    bounds,
    advance: (states) => advance(search, states),
    report: () => reportOf(search),
    found: () => (search.found < 0 ? undefined : pathTo(search, search.found)),
  };
}

function walkToStart(header: LogHeader, bounds: Bounds): { path: Choice[]; node: Node } {
  let node: Node = { snapshot: initialState(header), ghost: NO_GHOST, flights: [] };
  const path: Choice[] = [];
  for (;;) {
    const choice = choiceToStart(node, bounds, START + path.length * STEP_US);
    if (choice === undefined) return { path, node };
    const { world, ghost, flights } = takeStep(header, node, choice);
    node = { snapshot: commit(world), ghost, flights };
    path.push(choice);
  }
}

function advance(s: Search, states: number): boolean {
  for (let i = 0; i < states; i += 1) {
    if (s.found >= 0 || s.next >= s.queue.length) return false;
    if (s.next === s.depthEnd) {
      s.depth += 1;
      s.depthEnd = s.queue.length;
    }
    const at = s.next;
    s.next += 1;
    const node = s.queue[at] as Node;
    s.queue[at] = undefined;
    expand(s, node, at);
  }
  return true;
}

function expand(s: Search, node: Node, at: number): void {
  const choices = choicesOf(node, s.bounds, START + (s.prefix.length + s.depth) * STEP_US);
  if (s.depth >= s.bounds.depth || s.prefix.length + s.depth >= s.pathMax) {
    if (choices.length > 0) s.cut = true;
    return;
  }
  for (const choice of choices) {
    const taken = takeStep(s.header, node, choice);
    s.transitions += 1;
    for (const edge of taken.edges) s.edges.add(edge);
    for (const broken of taken.broken) noteBroken(s, broken, at, choice);
    const key = canonicalText(taken.net, taken.ghost, taken.flights);
    if (s.known.has(key)) continue;
    if (s.known.size >= s.bounds.statesMax) {
      s.cut = true;
      continue;
    }
    s.known.add(key);
    const { ghost, flights } = taken;
    const next: Node = { snapshot: commit(taken.world), ghost, flights };
    const number = s.queue.length;
    s.queue.push(next);
    s.parents.push(at);
    s.choices.push(choice);
    look(s, next, number);
  }
}

/** Looks at a state that is new. */
function look(s: Search, node: Node, at: number): void {
  const pair = pairOf(node.snapshot);
  s.pairs.add(pair);
  if (s.found < 0 && s.prefix.length <= s.pathMax && s.until?.(pairStates(pair))) s.found = at;
  for (const claim of STATE_CLAIMS) {
    const found = claim.check(node);
    if (found !== null) noteBroken(s, { claim, found }, at);
  }
  const rest = restOf(node);
  if (rest === null) return;
  const name = rest.kind === 'held' ? `held by ${rest.who}` : rest.kind;
  s.rests.set(name, (s.rests.get(name) ?? 0) + 1);
}

function noteBroken(s: Search, broken: Broken, at: number, last?: Choice): void {
  const { name } = broken.claim;
  if (!s.broken.has(name)) s.broken.set(name, { broken, at, ...(last ? { last } : {}) });
}

function pairStates(pair: number): Pair {
  return [STATES[Math.floor(pair / 11)] as State, STATES[pair % 11] as State];
}

function pathTo(s: Search, at: number): Choice[] {
  const path: Choice[] = [];
  for (let i = at; i > 0; i = s.parents[i] as number) path.push(s.choices[i] as Choice);
  return [...s.prefix, ...path.reverse()];
}

function reportOf(s: Search): Report {
  const violations = [...s.broken.values()].map(({ broken, at, last }) => ({
    ...broken,
    path: last === undefined ? pathTo(s, at) : [...pathTo(s, at), last],
  }));
  return {
    states: s.known.size,
    transitions: s.transitions,
    depth: s.depth,
    complete: !s.cut && s.next >= s.queue.length,
    pairs: [...s.pairs].sort((a, b) => a - b).map(pairStates),
    edgesTaken: EDGES.filter((_, i) => s.edges.has(i)),
    edgesNotTaken: EDGES.filter((_, i) => !s.edges.has(i)),
    violations,
    rests: Object.fromEntries([...s.rests].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}
