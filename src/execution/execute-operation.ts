import { setTimeout } from 'node:timers/promises'
import {
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  getOperationAST,
  type OperationDefinitionNode,
} from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { recordAudit } from '../audit/record-audit.ts'
import type { Context } from '../context.ts'
import type { Database } from '../database/connect.ts'
import { databaseCode } from '../database/error-code.ts'
import { READ_TOO_MUCH } from '../database/read-bytes.ts'
import { checkTransaction, throughPrisma } from '../database/sql-transactions.ts'
import { transaction } from '../database/transaction.ts'
import { AnswerTooLarge, notFound } from '../errors.ts'
import { withSentNumbers } from '../http/sent-numbers.ts'
import { checkTenantId } from '../input/tenant-id.ts'
import type { SubscriberRegistry } from '../live/subscriber-registry.ts'
import { answerBeforeCommit } from './answer-text.ts'
import { CompiledReads } from './compiled-query.ts'
import type { Fallbacks } from './fallbacks.ts'
import { GroupCommit, type Write } from './group-commit.ts'
import { coerceItems } from './item-coercion.ts'
import { readPartially } from './partial-answer.ts'
import { prepareFields } from './prepare-fields.ts'
import { answerOthers } from './refused-fields.ts'
import { type RootField, withRootFields } from './root-fields.ts'
import { settleOutcome } from './unknown-outcome.ts'
import { WriteGate } from './write-gate.ts'
import { targetsOf } from './write-targets.ts'

/**
 * Runs each operation in one transaction, behind both walls. A query sees one snapshot, read-only. A mutation commits
 * once all of its fields are written, and before it is answered; if one fails, nothing of it is stored.
 */
export function useOperationTransaction(
  database: Database,
  changes: SubscriberRegistry,
  { compilesReads = true, fallbacks }: { compilesReads?: boolean | undefined; fallbacks: Fallbacks },
): Plugin<{ session: Context }> {
  const services = { database, changes }
  const compiled = compilesReads ? new CompiledReads(database, fallbacks) : null
  const gate = new WriteGate({ connections: database.connections, timeoutMs: database.connectTimeoutMs })
  const alone = ({ args, session }: Write) =>
    gate.run(session.tenantIdOrNull ?? '', targetsOf(args), () => executeInside(services, args, session, true))
  const groups = new GroupCommit({ database, changes, gate, alone })
  return {
    onExecute({ setExecuteFn }) {
      // graphql-js itself: Yoga's executor mistakes a metadata object with a key "then" for a promise, and fails.
      setExecuteFn(async (given: ExecutionArgs) => {
        const args = withSentNumbers(given)
        const operation = getOperationAST(args.document, args.operationName)
        const { session } = args.contextValue as { session: Context }
        if (operation == null || session.principalOrNull === null) return executeWithout(args, session, operation)
        if (operation.operation === 'query') {
          session.endWithClient()
          const { refusedFields } = session
          const resolve = (asked: ExecutionArgs) => executeInside(services, asked, session, false)
          const read = async (only: RootField | null) => {
            const asked = only ? withRootFields(args, [only]) : args
            if (refusedFields.size > 0) return answerOthers(asked, refusedFields, resolve)
            return (await compiled?.read(args, session, only?.key)) ?? resolve(asked)
          }
          return readPartially(args, session, database.kind, read)
        }
        if (operation.operation !== 'mutation') return executeInside(services, args, session, false)
        const write = { args: session.work(() => coerceItems(args)), session }
        await prepareFields(write.args, operation, session)
        const runAlone = () => alone(write)
        return settleOutcome(write.args, () => groups.execute(write) ?? runAlone(), runAlone)
      })
    },
  }
}

/** Without a credential, only the schema can be queried: anything else is refused as a whole. */
async function executeWithout(args: ExecutionArgs, session: Context, operation?: OperationDefinitionNode | null) {
  const asksSchemaAlone = operation?.selectionSet.selections.every(
    (selection) => selection.kind === 'Field' && selection.name.value.startsWith('__'),
  )
  if (!asksSchemaAlone) void session.principal
  return execute({ ...args, contextValue: session })
}

/** Thrown with the result of a failed mutation, so that leaving the transaction rolls it back. */
class RolledBack {
  readonly result: ExecutionResult
  constructor(result: ExecutionResult) {
    this.result = result
  }
}

/** SQLSTATEs of a transaction that lost to another and did nothing: a deadlock, a serialization failure. */
const LOST = new Set(['40P01', '40001'])
const MAX_ATTEMPTS = 5
const RETRY_SPREAD_MS = 500

/** Retries a mutation that lost to another one: all of it was rolled back. */
async function executeInside(...[services, args, session, isMutation]: Parameters<typeof attemptInside>) {
  for (let attempt = 1; ; attempt += 1) {
    const result = await attemptInside(services, args, session, isMutation)
    const lost = result.errors?.some((error) => LOST.has(databaseCode(error.originalError) ?? ''))
    if (!lost || attempt === MAX_ATTEMPTS) return result
    // Not all at the same moment, or they collide again.
    await setTimeout(Math.random() * RETRY_SPREAD_MS * attempt)
  }
}

async function attemptInside(
  { database, changes }: { database: Database; changes: SubscriberRegistry },
  args: ExecutionArgs,
  session: Context,
  isMutation: boolean,
) {
  const { accessScope: reach } = session
  if (reach.tenantId === null && !reach.admin) return execute({ ...args, contextValue: session })
  if (session.createsTenant) {
    if (!isMutation) throw notFound('tenant', ['X-Tenant-Id'])
    checkTenantId(session.tenantId, ['X-Tenant-Id'])
  }
  const onTurn = (ms: number) => session.countTurn(ms)
  const options = { ...reach, onTurn, readOnly: !isMutation, createTenant: session.createsTenant }
  let read: ExecutionResult | null = null
  try {
    let endedCredentials = false
    const result = await transaction(database, options, async (client, tenantWasCreated) => {
      const inside = session.inside(client)
      if (!isMutation) inside.checkRoomForAnswer()
      if (tenantWasCreated) await recordCreation(inside)
      const result = await inside.work(() => execute({ ...args, contextValue: inside }))
      if (isMutation && result.errors) {
        if (result.data == null) throw new RolledBack(result)
        // A field below failed and is null. If that was the database's error, nothing can be committed any more,
        // and this says so instead of a COMMIT that silently rolls back.
        await checkTransaction(throughPrisma(client)).catch((error) => {
          throw result.errors?.find(({ originalError }) => databaseCode(originalError))?.originalError ?? error
        })
      }
      endedCredentials = inside.endsCredentials
      if (!isMutation) read = result
      return isMutation ? answerBeforeCommit(result, inside.limits) : result
    })
    if (isMutation) changes.written(session.tenantIdOrNull, endedCredentials)
    return result
  } catch (error) {
    if (error instanceof RolledBack) return error.result
    // Its connection is gone, and the end of the transaction could not be sent.
    if (hasReadTooMuch(read)) return read
    if (error instanceof AnswerTooLarge) return { data: null, errors: [error] }
    throw error
  }
}

const hasReadTooMuch = (result: ExecutionResult | null): result is ExecutionResult =>
  result?.errors?.some(({ originalError }) => databaseCode(originalError) === READ_TOO_MUCH) ?? false

/** Records the tenant that a first write created. */
const recordCreation = (context: Context) =>
  recordAudit(context, {
    action: 'TENANT_CREATED',
    tenantId: context.tenantId,
    objectType: 'TENANT',
    objectId: context.tenantId,
    details: { name: context.tenantId, onFirstWrite: true },
  })
