import type { RefusedCredential } from '../auth/refused-credential.ts'
import type { Database } from '../database/connect.ts'
import { transaction } from '../database/transaction.ts'
import type { ErrorCode } from '../errors.ts'
import { TENANT_ID } from '../input/tenant-id.ts'
import { type AuditEntry, type AuditRow, type AuditSource, toAuditRow } from './record-audit.ts'

/** Refused attempts of one actor with the same action and error code, in one minute. */
interface Recent {
  minute: number
  /** The last attempt without an event of its own, and the number of such attempts. */
  last: AuditRow | null
  suppressed: number
}

const MINUTE_MS = 60_000

/**
 * The audit log of refused attempts. Such a request has no transaction, or one that was rolled back, and its answer
 * does not wait: events are written after it, in one transaction at a time. There is one event a minute for each actor,
 * action and code, so that nobody can fill the disk. The next one says how many attempts had none.
 */
export class RefusedAttempts {
  readonly #database: Database
  readonly #onFailure: (error: unknown, lost: number) => void
  readonly #recent = new Map<string, Recent>()
  #minute = Number.NEGATIVE_INFINITY
  #waiting: AuditRow[] = []
  #writing: Promise<void> | null = null

  /** `onFailure` is called with the error that kept events from being written, and the number of lost events. */
  constructor(database: Database, onFailure: (error: unknown, lost: number) => void) {
    this.#database = database
    this.#onFailure = onFailure
  }

  record(source: AuditSource, entry: AuditEntry, code: ErrorCode): void {
    const row = toAuditRow(source, entry, code)
    const minute = Math.floor(row.at.getTime() / MINUTE_MS)
    this.#forgetBefore(minute)
    const kind = [row.actorKind, row.actorId, row.action, code].join()
    const recent = this.#recent.get(kind)
    if (recent?.minute === minute) {
      recent.last = row
      recent.suppressed += 1
      return
    }
    this.#recent.set(kind, { minute, last: null, suppressed: 0 })
    this.#write(counting(row, recent?.suppressed ?? 0))
  }

  /** Records a known credential that was refused. If it named another tenant by a valid id, that is recorded too. */
  recordCredential(
    asked: Omit<AuditSource, 'principalOrNull'>,
    { claimant, extensions }: RefusedCredential,
    headers: Headers,
  ) {
    const { code, reason } = extensions as { code: ErrorCode; reason?: string }
    const named = code === 'FORBIDDEN' ? (headers.get('x-tenant-id') ?? '') : ''
    this.record(
      { ...asked, principalOrNull: claimant },
      {
        action: 'CREDENTIAL_USED',
        tenantId: claimant.boundTenantId,
        details: { ...(reason ? { reason } : {}), ...(TENANT_ID.test(named) ? { namedTenantId: named } : {}) },
      },
      code,
    )
  }

  /** Waits until all events so far are written. */
  async flush(): Promise<void> {
    while (this.#writing) await this.#writing
  }

  /** Also writes what was only counted so far, because no later event will say it. */
  async close(): Promise<void> {
    for (const { last, suppressed } of this.#recent.values()) if (last) this.#write(counting(last, suppressed - 1))
    this.#recent.clear()
    await this.flush()
  }

  /** Forgets earlier attempts that have nothing left to report. */
  #forgetBefore(minute: number) {
    if (minute === this.#minute) return
    this.#minute = minute
    for (const [kind, recent] of this.#recent) if (recent.suppressed === 0) this.#recent.delete(kind)
  }

  #write(row: AuditRow) {
    this.#waiting.push(row)
    this.#writing ??= this.#writeWaiting()
  }

  async #writeWaiting() {
    while (this.#waiting.length > 0) {
      const data = this.#waiting.splice(0, 500)
      try {
        await transaction(
          this.#database,
          { tenantId: null, admin: true, rowRestriction: null, readOnly: false, isReserved: true },
          async (account) => void (await account.auditEvent.createMany({ data })),
        )
      } catch (error) {
        this.#onFailure(error, data.length)
      }
    }
    // In the same step as the check for waiting rows: one that arrived in between would never be written.
    this.#writing = null
  }
}

const counting = (row: AuditRow, suppressed: number): AuditRow =>
  suppressed > 0 ? { ...row, details: { ...row.details, suppressed } } : row
