/**
 * The engine's one door. What is not exported here is nobody's business outside `engine/`; the map
 * of the inside is in README.md.
 */
export {
  canonicalAddress,
  formatEndpoint,
  isIpv6,
  parseAddress,
  parseEndpoint,
} from './base/address.ts';
export { assert, InvariantError } from './base/assert.ts';
export { canonicalJson, digestOf } from './base/digest.ts';
export { idFrom, seedOf } from './base/random.ts';
export { type Seq, seqAdd, seqDiff, seqSub } from './base/seq.ts';
export { formatTime, type Micros, parseTime, SECOND } from './base/time.ts';
export {
  type Experiment,
  type ExperimentSpec,
  experiment,
  type Progress,
  type Row,
  runExperiment,
  stepExperiment,
} from './experiments/experiment.ts';
export type { HostMeasure, Measured } from './experiments/measure.ts';
export { EXPERIMENTS } from './experiments/shipped.ts';
export { seriesToCsv, toCsv, toJson } from './experiments/table.ts';
export { type Churn, churn } from './experiments/workload.ts';
export {
  type Bounds,
  BUDGETS,
  type Budget,
  DEFAULT_BOUNDS,
  STARTS,
  STILLED,
} from './explore/bounds.ts';
export { CLAIMS, type Claim } from './explore/claims.ts';
export type { Pair, Report, Violation } from './explore/explore.ts';
export { type Failure, fuzzOne, minimizeFailure } from './explore/fuzz.ts';
export { type Cell, matrix } from './explore/matrix.ts';
export { matchesQuery, type PairQuery, parsePairQuery, queryText } from './explore/query.ts';
export {
  type Suite,
  type SuiteReport,
  SWEEPS,
  type Sweep,
  startSuite,
} from './explore/suite.ts';
export type { Trace } from './explore/trace.ts';
export {
  captureErrorText,
  type DecodedCapture,
  decodeCapture,
  describeContents,
} from './formats/capture/index.ts';
export {
  type ImportOptions,
  type ImportProgress,
  type ImportResult,
  importCapture,
  importInSteps,
} from './formats/import/index.ts';
export {
  drill,
  type Exported,
  exportScript,
  type Verdict,
  verdictText,
} from './formats/packetdrill/index.ts';
export type { Host, HostTotals, PortGroup, Process } from './host/host.ts';
export type { AppSpec, Instruction, Program } from './host/program.ts';
export * from './log/codec.ts';
export type { Call, EventKind, LogEvent } from './log/event.ts';
export {
  FORMAT_VERSION,
  type LogHeader,
  type LogSource,
  type LogTrailer,
  SEMANTICS_VERSION,
} from './log/header.ts';
export type { Flight } from './network/flight.ts';
export type { FaultSpec, HostSpec, LinkRules, LinkSpec } from './network/topology.ts';
export { type Bases, basesOf, relative } from './projections/bases.ts';
export { type Closing, closingOf, closingText, waitReason } from './projections/closers.ts';
export { countState, countStates, type StateCount, sameCounts } from './projections/counts.ts';
export {
  describeCall,
  describeEvent,
  describeSegment,
  segmentBase,
  senderOf,
  subjectOf,
} from './projections/describe.ts';
export { explainEvent, type Item, peerName } from './projections/explain.ts';
export { type Ladder, type LadderRow, ladderOf } from './projections/ladder.ts';
export { type Life, type LifeStep, lifeOf, path } from './projections/life.ts';
export {
  connName,
  type Found,
  findConn,
  findOn,
  hostName,
  nextTimer,
  stateOf,
  timersOf,
} from './projections/names.ts';
export {
  type PortSpace,
  portSpaces,
  type WaitingPorts,
  waitingPorts,
} from './projections/ports.ts';
export { type Fork, type ForkChange, forkTimeline } from './simulation/fork.ts';
export {
  type Scenario,
  type ScenarioInfo,
  type ScenarioOptions,
  scenario,
} from './simulation/scenario.ts';
export { SCENARIOS } from './simulation/scenarios/index.ts';
export {
  type SimulationOptions,
  simulate,
  startSimulation,
} from './simulation/simulate.ts';
export { type Duration, type Step, steps } from './simulation/steps.ts';
export { isKnob, KNOBS, type KnobName, type Knobs } from './tcp/knobs.ts';
export {
  knobsFault,
  knobsOf,
  nearKnobs,
  PROFILES,
  type Profile,
  parseKnob,
} from './tcp/profiles.ts';
export { LEFT_OUT, type Level, REQUIREMENTS, type Requirement } from './tcp/requirements.ts';
export { RULES, type Rule, type RuleId } from './tcp/rules.ts';
export * from './tcp/segment.ts';
export {
  EDGES,
  type Edge,
  findEdge,
  isState,
  STATES,
  type State,
  stateNumber,
} from './tcp/states.ts';
export type { Tcb, TimeWait } from './tcp/tcb.ts';
export { deadlineOf, TIMERS, type TimerName } from './tcp/timers.ts';
export type { Condition } from './timeline/condition.ts';
export {
  type ParsedCondition,
  parseCondition,
  statesNamed,
} from './timeline/condition-text.ts';
export { buildTimeline, createTimeline, type TimelineBuilder } from './timeline/create.ts';
export { type Change, diffSnapshots } from './timeline/diff.ts';
export type {
  CallResult,
  Corruption,
  Divergence,
  Effects,
  Emission,
  Transition,
} from './timeline/effects.ts';
export { evolve, foldAll } from './timeline/evolve.ts';
export { initialState } from './timeline/initial.ts';
export { checkInvariants } from './timeline/invariants.ts';
export { type Look, lookThrough } from './timeline/look.ts';
export { searchBeginning } from './timeline/search.ts';
export type { Snapshot } from './timeline/snapshot.ts';
export { createEventStore, type Events } from './timeline/store.ts';
export type { Biography, Explained, Timeline } from './timeline/timeline.ts';
