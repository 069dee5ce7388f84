import SchemaBuilder, {
  BasePlugin,
  isThenable,
  type PothosInterfaceTypeConfig,
  type PothosOutputFieldConfig,
  type PothosUnionTypeConfig,
  type SchemaTypes,
} from '@pothos/core'
import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLTypeResolver,
} from 'graphql'
import type { Context } from '../context.ts'
import { throughPrisma } from '../database/sql-transactions.ts'
import { checkInput } from '../input/check-input.ts'
import { UnsupportedSelection } from '../rows/row-tree.ts'
import { handleRejections } from './promises.ts'
import { resolveDates } from './resolve-dates.ts'
import { timeZoneOf } from './tenant-time-zone.sql.ts'

/**
 * While the schema is built, records what each of its resolvers is made of: which resolver the schema was given, and
 * what is checked before it. Built resolvers are known by identity: one that was wrapped or replaced later is unknown.
 */

/**
 * Throws the field's error if the credential may not have it. It is the schema's own rule, evaluated by Pothos for both
 * paths.
 */
export type AccessRule = (context: Context) => void

export interface KnownField {
  /** The resolver that the schema was given. */
  resolve: GraphQLFieldResolver<unknown, Context, Record<string, unknown>>
  /** It needs only the row it belongs to: see `FROM_ROW`. Resolvers made by Pothos' `expose` read a property of it. */
  isFromRow: boolean
  rules: readonly AccessRule[]
  /** What it needs from the row it belongs to: Pothos' `select`. */
  select: unknown
}

type AnyResolver = GraphQLFieldResolver<unknown, never, never>

const fields = new WeakMap<AnyResolver, KnownField | UnsupportedSelection>()
const typeResolvers = new WeakMap<GraphQLTypeResolver<unknown, never>, object>()

/** Throws UnsupportedSelection for a field whose resolver, or a check before it, is unknown. */
export function knownField({ name, resolve }: GraphQLField<unknown, Context>): KnownField {
  if (!resolve || resolve === defaultFieldResolver) {
    return { resolve: propertyReader(name), isFromRow: true, rules: [], select: undefined }
  }
  const known = fields.get(resolve)
  if (!known) throw new UnsupportedSelection('it has a resolver that is not the schema builder’s')
  if (known instanceof UnsupportedSelection) throw known
  return known
}

const readers = new Map<string, KnownField['resolve']>()

/** Does what graphql-js does without a resolver, except that only graphql-js calls methods: it has their arguments. */
function propertyReader(name: string): KnownField['resolve'] {
  const reader =
    readers.get(name) ??
    ((parent) => {
      const value = (parent as Record<string, unknown>)[name]
      if (typeof value === 'function') throw new UnsupportedSelection(`the property ${name} is a method`)
      return value
    })
  readers.set(name, reader)
  return reader
}

const givenResolver = ({ name, resolve }: { name: string; resolve?: unknown }): KnownField['resolve'] =>
  resolve && resolve !== defaultFieldResolver ? (resolve as KnownField['resolve']) : propertyReader(name)

/** The `resolveType` that the schema was given, for the one that was built from it. */
export const givenTypeResolver = (built: GraphQLTypeResolver<unknown, never>): object | undefined =>
  typeResolvers.get(built)

/** Options of fields and of types whose effects the planner knows. */
const FIELD_OPTIONS = new Set([
  ...['type', 'nullable', 'description', 'deprecationReason', 'args', 'select', 'extensions', 'resolve', 'subscribe'],
  ...['authScopes', 'skipTypeScopes', 'skipInterfaceScopes'],
])
const TYPE_OPTIONS = new Set([
  ...['name', 'description', 'fields', 'interfaces', 'variant', 'select', 'extensions', 'resolveType', 'authScopes'],
])

type Options = Record<string, unknown>

/** Listed first among the plugins, so that it wraps last and sees what graphql-js will call. */
export class KnownFieldsPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  /** By the object of scopes, so that many fields with the same object share one rule. */
  readonly #ruleOf = new WeakMap<object, AccessRule>()

  override wrapResolve(
    resolver: GraphQLFieldResolver<unknown, Types['Context'], object>,
    config: PothosOutputFieldConfig<Types>,
  ) {
    const built = this.#checksInput(config) ? checkingInput(resolver) : this.#ownResolver(resolver, config)
    if (built !== defaultFieldResolver) fields.set(built as AnyResolver, this.#known(config))
    return built
  }

  override wrapSubscribe(
    subscribe: GraphQLFieldResolver<unknown, Types['Context'], object> | undefined,
    config: PothosOutputFieldConfig<Types>,
  ) {
    return subscribe && config.kind === 'Subscription' ? checkingInput(subscribe) : subscribe
  }

  override wrapResolveType(
    resolveType: GraphQLTypeResolver<unknown, Types['Context']>,
    config: PothosInterfaceTypeConfig | PothosUnionTypeConfig,
  ) {
    if (config.resolveType) typeResolvers.set(resolveType, config.resolveType)
    return resolveType
  }

  /**
   * Before its own rules, every root field checks its arguments for values that can't be stored or compared; some do it
   * themselves.
   */
  #checksInput({ kind, extensions }: PothosOutputFieldConfig<Types>) {
    return (kind === 'Query' || kind === 'Mutation') && extensions?.['checksInput'] !== true
  }

  /**
   * A subscription's resolver is possibly not wrapped at all. It gets a function of its own, because it has rules all
   * the same.
   */
  #ownResolver(
    resolver: GraphQLFieldResolver<unknown, Types['Context'], object>,
    { kind, args }: PothosOutputFieldConfig<Types>,
  ): typeof resolver {
    if (kind === 'Subscription') return (root, args, context, info) => resolver(root, args, context, info)
    return Object.keys(args).length > 0 && resolver !== defaultFieldResolver ? resolvingDates(resolver) : resolver
  }

  #known(config: PothosOutputFieldConfig<Types>): KnownField | UnsupportedSelection {
    try {
      return {
        resolve: givenResolver(config),
        isFromRow:
          config.extensions?.['isFromRow'] === true || typeof config.extensions?.['pothosExposedField'] === 'string',
        rules: this.#rules(config),
        select: config.extensions?.['pothosPrismaSelect'],
      }
    } catch (error) {
      if (error instanceof UnsupportedSelection) return error
      throw error
    }
  }

  /**
   * The checks that Pothos makes before the field is resolved, or more: if it is not certain that Pothos would skip a
   * check, it is included.
   */
  #rules(config: PothosOutputFieldConfig<Types>): AccessRule[] {
    const { authorizeOnSubscribe, ...auth } = this.builder.options.scopeAuth
    refuseUnknown(auth, SCOPE_OPTIONS, 'the schema has')
    const plugins = this.builder.options.plugins ?? []
    if (plugins.join() !== PLUGINS.join()) throw new UnsupportedSelection('the schema has another plugin')
    if (config.argMappers.length > 0) throw new UnsupportedSelection('its arguments are mapped')
    const options = config.pothosOptions as Options
    refuseUnknown(options, FIELD_OPTIONS, 'it has')
    const owner = this.buildCache.getTypeConfig(config.parentType)
    const declaring = config.declaringType ? this.buildCache.getTypeConfig(config.declaringType) : owner
    const interfaces = [owner, declaring].flatMap((type) =>
      type.kind === 'Object' || type.kind === 'Interface'
        ? type.interfaces.map((each) => this.buildCache.getTypeConfig(each))
        : [],
    )
    const types = options['skipTypeScopes'] === true ? [] : [owner, declaring]
    const skipsInterfaces = config.graphqlKind === 'Interface' && options['skipInterfaceScopes'] === true
    const checked = skipsInterfaces ? types : [...types, ...interfaces]
    for (const type of [owner, declaring, ...interfaces]) {
      refuseUnknown(type.pothosOptions as Options, TYPE_OPTIONS, 'its type has')
    }
    const scopes = [...checked.map((type) => (type.pothosOptions as Options)['authScopes']), options['authScopes']]
    return [...new Set(scopes)].flatMap((each) => (each === undefined ? [] : [this.#rule(each)]))
  }

  #rule(scopes: unknown): AccessRule {
    refuseDynamic(scopes)
    const known = this.#ruleOf.get(scopes)
    if (known) return known
    const { builder } = this
    const rule: AccessRule = (context) => {
      const checking = builder.runAuthScopes(context as never, scopes as never)
      if (!isThenable(checking)) return
      // All our scope loaders are synchronous. A promise means one that this path does not know.
      handleRejections(checking)
      throw new UnsupportedSelection('a scope is evaluated asynchronously')
    }
    this.#ruleOf.set(scopes, rule)
    return rule
  }
}

const PLUGINS = ['knownFields', 'scopeAuth', 'prisma']
const SCOPE_OPTIONS = new Set(['authScopes', 'treatErrorsAsUnauthorized', 'runScopesOnType'])

function refuseUnknown(options: object, known: ReadonlySet<string>, whose: string) {
  const unknown = Object.keys(options).find((name) => !known.has(name))
  if (unknown !== undefined) throw new UnsupportedSelection(`${whose} the option ${unknown}`)
}

const SCOPES = new Set(['scope', 'anyScope', 'tenant', 'credential', '$all', '$any'])

/** Scopes that depend on more than the credential, such as on the row, are left to Pothos. */
function refuseDynamic(scopes: unknown): asserts scopes is object {
  if (typeof scopes !== 'object' || scopes === null) throw new UnsupportedSelection('its scopes are computed')
  for (const [name, value] of Object.entries(scopes)) {
    if (!SCOPES.has(name)) throw new UnsupportedSelection(`it has scopes by ${name}`)
    if (name.startsWith('$')) refuseDynamic(value)
  }
}

/** Replaces the dates in the arguments of a field. The tenant's time zone is read only if one of them needs it. */
const resolvingDates =
  <Resolver extends GraphQLFieldResolver<unknown, never, object>>(resolve: Resolver) =>
  (...[root, args, context, info]: Parameters<Resolver>) => {
    const inputs = info.parentType.getFields()[info.fieldName]?.args ?? []
    const resolved = resolveDates(inputs, args as Arguments, null)
    if (resolved) return resolve(root, resolved, context, info)
    return tenantTimeZone(context, info).then((timeZone) =>
      resolve(root, resolveDates(inputs, args as Arguments, timeZone), context, info),
    )
  }

type Arguments = Readonly<Record<string, unknown>>

const timeZones = new WeakMap<Context, Promise<string>>()

/** Without a tenant, it is UTC. */
function tenantTimeZone(context: Context, { operation }: GraphQLResolveInfo): Promise<string> {
  if (context.tenantIdOrNull === null) return Promise.resolve('UTC')
  // A query reads it once for all rows of a list. A mutation may change it.
  const known = operation.operation === 'query' ? timeZones.get(context) : undefined
  const timeZone = known ?? timeZoneOf(throughPrisma(context.db), context.tenantId)
  timeZones.set(context, timeZone)
  return timeZone
}

const checkingInput = <Resolver extends GraphQLFieldResolver<unknown, never, object>>(resolve: Resolver) => {
  const resolveChecked = resolvingDates(resolve)
  return (...given: Parameters<Resolver>) => {
    for (const [name, value] of Object.entries(given[1])) checkInput(value, [name])
    return resolveChecked(...given)
  }
}

SchemaBuilder.registerPlugin('knownFields', KnownFieldsPlugin)

declare global {
  // Plugins of Pothos add themselves to its types.
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      knownFields: KnownFieldsPlugin<Types>
    }
  }
}
