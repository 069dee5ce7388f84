/** A small wrong change, which tests must notice. */
export interface Mutant {
  /** Of its area's letter and a number, such as W02. */
  id: string
  /** Relative to the project. */
  file: string
  /** The text as it is, which the file has exactly once. */
  from: string
  /** What it becomes; empty: it is removed. */
  to: string
  /** Test files that notice it, relative to the project. */
  tests: readonly [string, ...string[]]
  /** Each of them must notice it. Default: PGlite. */
  on?: readonly [DatabaseKind, ...DatabaseKind[]]
}

export type DatabaseKind = 'pglite' | 'postgresql'
