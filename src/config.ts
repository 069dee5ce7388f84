import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { z } from 'zod'

/** Whole numbers within bounds, written in decimal. */
const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((n) => n >= min && n <= max, `must be between ${min} and ${max}`)

/** `auto` stays so: what it comes to depends on the database. */
const processes = z
  .string()
  .regex(/^(\d+|auto)$/, 'must be a whole number, or auto')
  .transform((text) => (text === 'auto' ? text : Number(text)))
  .refine((n) => n === 'auto' || (n >= 1 && n <= 256), 'must be between 1 and 256, or auto')

const postgresUrl = z
  .string()
  .refine((url) => URL.canParse(url) && /^postgres(ql)?:$/.test(new URL(url).protocol), 'must be a postgresql:// URL')

/** Whether this is the exact origin of a web page, as a browser sends it: scheme, host, and the port where it is not the scheme's own. */
export const isWebOrigin = (text: string) =>
  /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text

const origins = z
  .string()
  .transform((list) => list.split(',').map((origin) => origin.trim()))
  .refine((list) => list.every(isWebOrigin), 'must be web origins such as https://app.example.com, with commas between')

/** Requests a minute; 0: any number. */
const perMinute = integer(0, 1_000_000_000)

const settings = z
  .object({
    /** Where the server listens. 0 takes any free port; the address is printed once it serves. */
    PORT: integer(0, 65_535).default(4000),
    /** Loopback alone, so that nothing is open to a network before somebody decides so. */
    HOST: z.string().default('127.0.0.1'),
    /** How many processes serve there. `auto`: one for each core that there is; with PGlite one. */
    PROCESSES: processes.default(1),

    /** A PostgreSQL, reached as a role that can't bypass row-level security. Absent: PGlite in DATA_DIR. */
    DATABASE_URL: postgresUrl.optional(),
    /** The same database as the owner of its tables: applies migrations at start, then hangs up. */
    DATABASE_OWNER_URL: postgresUrl.optional(),
    /** Connections each process keeps. PostgreSQL is fastest with a few per core of its machine. */
    DATABASE_POOL_SIZE: integer(1, 1_000).default(10),
    /** How long a request waits for a connection, milliseconds. */
    DATABASE_CONNECT_TIMEOUT_MS: integer(1, 600_000).default(5_000),
    /** How long one SQL statement may run, milliseconds. */
    DATABASE_STATEMENT_TIMEOUT_MS: integer(1, 3_600_000).default(15_000),
    /** The embedded database and what it generates. */
    DATA_DIR: z
      .string()
      .min(1)
      .default('.parley')
      .transform((dir) => resolve(dir)),

    /** The first ADMIN key, for deployments that bring their own. Its form is checked where keys are. */
    ADMIN_KEY: z.string().optional(),
    /** Seals the keys that embed tokens are signed with. Absent with PGlite: one is generated into DATA_DIR. */
    SIGNING_KEY_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
    /** `production`: no GraphiQL, no introspection, no suggestions, no error details. */
    NODE_ENV: z.enum(['development', 'production', 'test']).default('development'),

    /** Origins of the web pages that may read answers, for every tenant; tenants may name their own. */
    CORS_ORIGINS: origins.default([]),
    /** In production too, the schema can be asked about, and errors suggest names. */
    ALLOW_INTROSPECTION: z.enum(['true', 'false']).default('false'),
    /** How many fields an answer may hold, page sizes multiplied. */
    MAX_QUERY_COST: integer(1_000, 1_000_000_000).default(250_000),
    /** For each key (and each tenant that it acts for) and each token. */
    RATE_LIMIT_PER_MINUTE: perMinute.default(6_000),
    /** For all credentials of a tenant together. */
    RATE_LIMIT_TENANT_PER_MINUTE: perMinute.default(30_000),

    /** Proxies in front of the server, whose X-Forwarded-For is believed. */
    TRUST_PROXY: integer(0, 16).default(0),
    /** A request body larger than this is refused before it is read whole. */
    MAX_BODY_BYTES: integer(1_024, 1_073_741_824).default(10_485_760),
    /** Subscriptions that one tenant may have open on one process. */
    MAX_SUBSCRIPTIONS_PER_TENANT: integer(0, 100_000).default(100),
    /** How long requests in flight may take to finish after SIGTERM, milliseconds. */
    SHUTDOWN_TIMEOUT_MS: integer(0, 600_000).default(10_000),
    LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  })
  .refine((s) => !s.DATABASE_OWNER_URL || s.DATABASE_URL, {
    path: ['DATABASE_OWNER_URL'],
    message: 'needs DATABASE_URL, the role that serves',
    // Also when another setting is wrong: a person wants to hear of all of them at once.
    when: () => true,
  })
  .refine((s) => s.DATABASE_URL || !(Number(s.PROCESSES) > 1), {
    path: ['PROCESSES'],
    message: 'more than one needs DATABASE_URL: the embedded database is one process’s alone',
    // Likewise, unless it is itself what is wrong.
    when: ({ issues }) => issues.every(({ path }) => path?.[0] !== 'PROCESSES'),
  })
  .transform((s) => ({
    port: s.PORT,
    host: s.HOST,
    processes: s.PROCESSES !== 'auto' ? s.PROCESSES : s.DATABASE_URL ? availableParallelism() : 1,
    database: {
      url: s.DATABASE_URL,
      ownerUrl: s.DATABASE_OWNER_URL,
      poolSize: s.DATABASE_POOL_SIZE,
      connectTimeoutMs: s.DATABASE_CONNECT_TIMEOUT_MS,
      statementTimeoutMs: s.DATABASE_STATEMENT_TIMEOUT_MS,
      dataDir: s.DATA_DIR,
    },
    adminKey: s.ADMIN_KEY,
    signingKeySecret: s.SIGNING_KEY_SECRET,
    production: s.NODE_ENV === 'production',
    corsOrigins: s.CORS_ORIGINS,
    allowIntrospection: s.NODE_ENV !== 'production' || s.ALLOW_INTROSPECTION === 'true',
    maxQueryCost: s.MAX_QUERY_COST,
    rateLimits: { perMinute: s.RATE_LIMIT_PER_MINUTE, tenantPerMinute: s.RATE_LIMIT_TENANT_PER_MINUTE },
    trustedProxies: s.TRUST_PROXY,
    maxBodyBytes: s.MAX_BODY_BYTES,
    maxSubscriptionsPerTenant: s.MAX_SUBSCRIPTIONS_PER_TENANT,
    shutdownTimeoutMs: s.SHUTDOWN_TIMEOUT_MS,
    logLevel: s.LOG_LEVEL,
  }))

export type Config = z.output<typeof settings>
export type DatabaseConfig = Config['database']

/** Settings that can't be used: one line each, all of them at once. */
export class ConfigError extends Error {
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`These settings can't be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/**
 * Every setting of the server, from the environment. An empty variable counts as absent, as in a shell.
 * What a key looks like is told by `isWellFormedKey`, since settings know nothing of keys.
 */
export function readConfig(
  env: Record<string, string | undefined>,
  isWellFormedKey: (key: string) => boolean = () => true,
): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const result = settings.safeParse(given)
  const problems = (result.error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  if (given['ADMIN_KEY'] !== undefined && !isWellFormedKey(given['ADMIN_KEY'])) {
    problems.push('ADMIN_KEY: is not a well-formed key: its form or its checksum is wrong')
  }
  if (!result.success || problems.length > 0) throw new ConfigError(problems)
  return result.data
}
