import type { FieldNode } from 'graphql'
import type { IssuerKeys } from './auth/issuer-keys.ts'
import type { Authenticated, Principal, Scope } from './auth/principal.ts'
import type { SigningKeys } from './auth/signing-keys.ts'
import type { WriteBatch } from './conversations/write-batch.ts'
import { NeedsPrisma } from './database/sql-transactions.ts'
import type { AccessScope, Client, RowRestriction } from './database/tenant-scope.ts'
import { forbidden, ParleyError, unauthenticated } from './errors.ts'
import type { AnswerRoom, GrowingAnswer } from './fairness/answer-room.ts'
import type { DatabaseBudget } from './fairness/database-budget.ts'
import type { Holder } from './fairness/holder.ts'
import type { MainThread } from './fairness/main-thread.ts'
import { type Account, Pieces, TimeSlice } from './fairness/time-slice.ts'
import type { Budget, OperationCost, RequestLimits } from './input/limits.ts'

/**
 * Identifies a credential wherever something is counted per credential: a key, or the tokens that one key or issuer
 * made for one subject. Tokens are counted together; otherwise anyone who can make them would have as many budgets as
 * tokens.
 */
export const credentialOf = ({ kind, id, subject }: Principal): string => `${kind} ${id} ${subject ?? ''}`

/** Calls the listener if the client leaves before it is answered, or has already left. */
export type WhenClientLeaves = (listener: () => void) => void

/** What a resolver knows about its request: who sent it, for which tenant, and in which transaction it runs. */
export class Context {
  readonly requestId: string
  /** The IP address of the client; null if it is unknown. */
  readonly clientAddress: string | null
  readonly now: Date
  readonly #principal: Principal | null
  readonly #tenantId: string | null
  /** Whether the tenant does not exist yet and the credential lets a mutation create it. */
  readonly createsTenant: boolean
  /** Set by whatever may end a credential: after the commit, open subscriptions check theirs again. */
  endsCredentials = false
  /** Set by whatever stored something that must be undone if its request fails. */
  wrote = false
  /** How many points each series of the operation has, by the name of its root field in the answer. */
  seriesPoints: Map<string, number>
  /** The cost of a query or mutation, once its document is valid. */
  cost: OperationCost | null = null
  /** Root fields of a query that are refused before anything is run, because an argument exceeds a limit. */
  refusedFields: ReadonlyMap<FieldNode, ParleyError> = new Map()
  #client: Client | null = null
  #holder: Holder | null = null
  #pieces: Pieces | null = null

  /** What root fields prepared before the transaction, by their names in the answer. */
  prepared = new Map<string, PromiseSettledResult<unknown>>()

  readonly signingKeys: SigningKeys
  readonly issuerKeys: IssuerKeys
  /** Authenticates another token than that of the request. */
  readonly authenticateToken: (token: string) => Promise<Authenticated>
  readonly limits: RequestLimits
  /** The rate limits that this request counts towards, and what is left of them. */
  readonly budgets: readonly Budget[]
  /** How much of the database the request may use. */
  readonly databaseBudget: DatabaseBudget | null
  readonly #whenClientLeaves: WhenClientLeaves | null
  readonly #answerRoom: AnswerRoom | null
  readonly #mainThread: MainThread | null

  constructor(options: {
    signingKeys: SigningKeys
    issuerKeys: IssuerKeys
    authenticateToken: Context['authenticateToken']
    limits: RequestLimits
    budgets?: readonly Budget[]
    databaseBudget?: DatabaseBudget | null
    whenClientLeaves?: WhenClientLeaves | null
    answerRoom?: AnswerRoom | null
    mainThread?: MainThread | null
    requestId: string
    clientAddress?: string | null
    now: Date
    principal: Principal | null
    tenantId: string | null
    createsTenant?: boolean
    seriesPoints?: Map<string, number>
  }) {
    this.signingKeys = options.signingKeys
    this.issuerKeys = options.issuerKeys
    this.authenticateToken = options.authenticateToken
    this.limits = options.limits
    this.budgets = options.budgets ?? []
    this.databaseBudget = options.databaseBudget ?? null
    this.#whenClientLeaves = options.whenClientLeaves ?? null
    this.#answerRoom = options.answerRoom ?? null
    this.#mainThread = options.mainThread ?? null
    this.requestId = options.requestId
    this.clientAddress = options.clientAddress ?? null
    this.now = options.now
    this.createsTenant = options.createsTenant ?? false
    this.seriesPoints = options.seriesPoints ?? new Map()
    this.#principal = options.principal
    this.#tenantId = options.tenantId
  }

  /** Who sent the request; null if it has no credential. */
  get principalOrNull(): Principal | null {
    return this.#principal
  }

  get principal(): Principal {
    if (this.#principal === null) throw unauthenticated('Send an API key as "Authorization: Bearer …".', 'MISSING')
    return this.#principal
  }

  get tenantIdOrNull(): string | null {
    return this.#tenantId
  }

  get tenantId(): string {
    if (this.#tenantId === null) {
      throw new ParleyError('TENANT_REQUIRED', 'With an account key, name the tenant in the header X-Tenant-Id.')
    }
    return this.#tenantId
  }

  /** The holder of the request's transactions, subscriptions and unread answers. */
  get holder(): Holder {
    const who = this.#principal
    this.#holder ??= {
      tenantId: this.#tenantId ?? '',
      credential: who ? credentialOf(who) : '',
      isKey: who?.kind.endsWith('_KEY') ?? false,
    }
    return this.#holder
  }

  /** The rows that the credential is restricted to; null: all of its tenant's. */
  get rowRestriction(): RowRestriction | null {
    return this.#principal?.rowRestriction ?? null
  }

  /** What the request's transactions may see, and for whom they run. */
  get accessScope(): AccessScope {
    return {
      tenantId: this.#tenantId,
      admin: this.has('ADMIN'),
      rowRestriction: this.rowRestriction,
      holder: this.holder,
      budget: this.databaseBudget,
    }
  }

  /**
   * For work that nobody needs once its client has left. Writes always finish: a client may leave and rely on them.
   */
  endWithClient(): void {
    this.#whenClientLeaves?.(() => this.databaseBudget?.abandon())
  }

  /**
   * Throws OVERLOADED if there is no room for another answer, before it is made. Check again after a wait, because the
   * room may have filled up.
   */
  checkRoomForAnswer(): void {
    this.#answerRoom?.refuseFull(this.holder)
  }

  /** Room for an answer while it is written; null if answers are not counted. */
  growingAnswer(): GrowingAnswer | null {
    return this.#answerRoom?.growing(this.holder) ?? null
  }

  /** Runs work that keeps the process busy longer the more is requested. Its time is charged to the tenant. */
  work<Result>(work: () => Result): Result {
    return this.#mainThread ? this.#mainThread.work(this.holder.tenantId, work) : work()
  }

  /** Charges the tenant for a turn of the event loop that its work kept busy. */
  countTurn(ms: number): void {
    this.#mainThread?.charge(this.holder.tenantId, ms)
  }

  /** Runs a piece of work that takes milliseconds. After some pieces, other requests go on before the next one. */
  piece<Result>(work: () => Result): Promise<Result> {
    this.#pieces ??= new Pieces(this.#account(null))
    return this.#pieces.run(work)
  }

  /** For long work in a transaction of this budget: it rests between slices, and its time is charged to the tenant. */
  timeSlice(budget = this.databaseBudget): TimeSlice {
    return new TimeSlice(this.#account(budget))
  }

  #account(budget: DatabaseBudget | null): Account {
    return {
      charge: (ms) => this.#mainThread?.chargeSlice(this.holder.tenantId, ms) ?? false,
      rested: (ms) => budget?.exclude(ms),
    }
  }

  has(scope: Scope): boolean {
    return this.#principal?.scopes.has(scope) ?? false
  }

  /** Returns true, or throws FORBIDDEN. */
  require(scope: Scope): true {
    return this.requireAny([scope])
  }

  requireAny(scopes: readonly Scope[]): true {
    if (scopes.some((scope) => this.principal.scopes.has(scope))) return true
    throw forbidden(`This credential lacks the scope ${scopes.join(' or ')}.`, { scopes })
  }

  /** The operation's transaction: only rows of the request's tenant. */
  get db(): Client {
    void this.tenantId
    return this.#open
  }

  /** The batch of writes in the same transaction, see `writeBatchOf`; null if there is none yet. */
  group: WriteBatch | null = null

  /** The same transaction for what belongs to the account: tenants and API keys. */
  get account(): Client {
    this.require('ADMIN')
    return this.#open
  }

  /** The same transaction for the audit log, which every credential adds to. */
  get auditLog(): Client {
    return this.#open
  }

  get #open(): Client {
    if (this.#client === null) throw new NeedsPrisma('no Prisma transaction is open')
    return this.#client
  }

  /**
   * The same rights at another time, without the identity of their holder: for answers that several subscribers share.
   * What is read with it can depend only on the rights.
   */
  withRightsOnly(now: Date): Context {
    const { documents, scopes, rowRestriction } = this.principal
    const nobody = { kind: 'EMBED_TOKEN', id: '', name: '', autoCreateTenants: false, subject: null } as const
    return new Context({
      signingKeys: this.signingKeys,
      issuerKeys: this.issuerKeys,
      authenticateToken: this.authenticateToken,
      limits: this.limits,
      requestId: '',
      now,
      principal: { ...nobody, documents, scopes, rowRestriction, boundTenantId: this.#tenantId, expiresAt: null },
      tenantId: this.#tenantId,
    })
  }

  /** The context of one operation in its transaction, which it may share with other operations of a group commit. */
  inside(client: Client | null, group: WriteBatch | null = null): Context {
    const inside = new Context({
      signingKeys: this.signingKeys,
      issuerKeys: this.issuerKeys,
      authenticateToken: this.authenticateToken,
      limits: this.limits,
      budgets: this.budgets,
      databaseBudget: this.databaseBudget,
      whenClientLeaves: this.#whenClientLeaves,
      answerRoom: this.#answerRoom,
      mainThread: this.#mainThread,
      requestId: this.requestId,
      clientAddress: this.clientAddress,
      now: this.now,
      principal: this.#principal,
      tenantId: this.#tenantId,
      seriesPoints: this.seriesPoints,
    })
    inside.prepared = this.prepared
    inside.#client = client
    inside.group = group
    return inside
  }
}
