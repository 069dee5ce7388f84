import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import * as v from 'valibot'

/** A whole number within bounds, written in decimal. */
const integer = (min: number, max: number) =>
  v.pipe(
    v.string(),
    v.regex(/^\d+$/, 'must be a whole number'),
    v.transform(Number),
    v.check((n) => n >= min && n <= max, `must be between ${min} and ${max}`),
  )

/** `auto` is kept, because the number depends on the database. */
const processes = v.pipe(
  v.string(),
  v.regex(/^(\d+|auto)$/, 'must be a whole number, or auto'),
  v.transform((text) => (text === 'auto' ? text : Number(text))),
  v.check((n) => n === 'auto' || (n >= 1 && n <= 256), 'must be between 1 and 256, or auto'),
)

const oneOf = <const Option extends string>(options: readonly Option[]) =>
  v.picklist(options, `must be one of ${options.join(', ')}`)

const postgresUrl = v.pipe(
  v.string(),
  v.check((url) => URL.canParse(url) && /^postgres(ql)?:$/.test(new URL(url).protocol), 'must be a postgresql:// URL'),
)

/**
 * Whether this is the exact origin of a web page, as a browser sends it: scheme, host, and the port if it is not the
 * scheme's default.
 */
export const isWebOrigin = (text: string) =>
  /^https?:[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text

const origins = v.pipe(
  v.string(),
  v.transform((list) => list.split(',').map((origin) => origin.trim())),
  v.check(
    (list) => list.every(isWebOrigin),
    'must be web origins such as https://app.example.com, separated by commas',
  ),
)

/** Requests per minute; 0: unlimited. */
const perMinute = integer(0, 1_000_000_000)

/** The minimum length of a secret that keys are encrypted with. */
export const MIN_SECRET_CHARACTERS = 32

/** No more may be waiting for one credential to read it: see MAX_UNREAD_BYTES. */
const MAX_ANSWER_BYTES = 33_554_432

const settings = v.pipe(
  v.object({
    /** The port that the server listens on. 0 picks any free port; the address is printed once it serves. */
    PORT: v.optional(integer(0, 65_535), '4000'),
    /** The address that the server listens on. Loopback by default, so that no network reaches it by accident. */
    HOST: v.optional(v.string(), '127.0.0.1'),
    /** How many processes serve. `auto`: one for each available core; with PGlite, one. */
    PROCESSES: v.optional(processes, '1'),

    /** A PostgreSQL database, as a role that can't bypass row-level security. Absent: PGlite in DATA_DIR. */
    DATABASE_URL: v.optional(postgresUrl),
    /** The same database as the owner of its tables: applies migrations at start, then disconnects. */
    DATABASE_OWNER_URL: v.optional(postgresUrl),
    /** The same database as a role that bypasses row-level security, for `npm run backup`. Not used by the server. */
    BACKUP_URL: v.optional(postgresUrl),
    /** Connections of each process. PostgreSQL is fastest with a few per core of its machine. */
    DATABASE_POOL_SIZE: v.optional(integer(1, 1_000), '10'),
    /** How long a request waits for its turn and for a connection, in milliseconds. */
    DATABASE_CONNECT_TIMEOUT_MS: v.optional(integer(1, 600_000), '5000'),
    /** How long all SQL statements of one request together may run, in milliseconds. */
    DATABASE_STATEMENT_TIMEOUT_MS: v.optional(integer(1, 3_600_000), '15000'),
    /** The directory of the embedded database and of generated files. */
    DATA_DIR: v.optional(
      v.pipe(
        v.string(),
        v.transform((dir) => resolve(dir)),
      ),
      '.parley',
    ),
    /**
     * Whether the embedded database waits for the disk before it confirms a write. Without it, a power failure loses
     * the latest writes.
     */
    EMBEDDED_FSYNC: v.optional(oneOf(['true', 'false']), 'true'),

    /** The first ADMIN key, for deployments that bring their own. `parseConfig` checks its format. */
    ADMIN_KEY: v.optional(v.string()),
    /** Encrypts the keys that sign embed tokens. Absent with PGlite: one is generated in DATA_DIR. */
    SIGNING_KEY_SECRET: v.optional(
      v.pipe(v.string(), v.minLength(MIN_SECRET_CHARACTERS, `must have at least ${MIN_SECRET_CHARACTERS} characters`)),
    ),
    /** `production`: no GraphiQL, no introspection, no suggestions, no error details, and no console unless CONSOLE is true. */
    NODE_ENV: v.optional(oneOf(['development', 'production', 'test']), 'development'),

    /** Whether the console for administrators is served at /console. Absent: unless NODE_ENV is production. */
    CONSOLE: v.optional(oneOf(['true', 'false'])),

    /** Web origins whose pages may read answers for every tenant; tenants may add their own. */
    CORS_ORIGINS: v.optional(origins),
    /** Allows introspection in production too, and lets errors suggest names. */
    ALLOW_INTROSPECTION: v.optional(oneOf(['true', 'false']), 'false'),
    /** The most fields that an answer may hold, multiplied by page sizes. */
    MAX_QUERY_COST: v.optional(integer(1_000, 1_000_000_000), '250000'),
    /** Requests of each key (and each tenant that it acts for), and of the tokens of one subject. */
    RATE_LIMIT_PER_MINUTE: v.optional(perMinute, '6000'),
    /** Requests of all credentials of a tenant together. */
    RATE_LIMIT_TENANT_PER_MINUTE: v.optional(perMinute, '30000'),

    /** The number of proxies in front of the server whose X-Forwarded-For is trusted. */
    TRUST_PROXY: v.optional(integer(0, 16), '0'),
    /** A request body larger than this is refused before it is read completely. */
    MAX_BODY_BYTES: v.optional(integer(1_024, 1_073_741_824), '10485760'),
    /** A larger answer is refused as a whole. */
    MAX_ANSWER_BYTES: v.optional(integer(1_024, MAX_ANSWER_BYTES), '16777216'),
    /** Subscriptions that one tenant may have open on one process. */
    MAX_SUBSCRIPTIONS_PER_TENANT: v.optional(integer(0, 100_000), '100'),
    /** How long a connection stays open without a request, in milliseconds. Proxies must close theirs first. */
    KEEP_ALIVE_TIMEOUT_MS: v.optional(integer(1, 3_600_000), '65000'),
    /** How long requests are still served after SIGTERM, while /ready answers 503, in milliseconds. */
    SHUTDOWN_DELAY_MS: v.optional(integer(0, 600_000), '0'),
    /** How long requests in flight may then take to finish, in milliseconds. */
    SHUTDOWN_TIMEOUT_MS: v.optional(integer(0, 600_000), '10000'),
    LOG_LEVEL: v.optional(oneOf(['debug', 'info', 'warn', 'error', 'silent']), 'info'),
  }),
  // Checked even if another setting is wrong, so that all problems are reported at once.
  v.forward(
    v.partialCheck(
      [['DATABASE_OWNER_URL'], ['DATABASE_URL']],
      (s) => s.DATABASE_OWNER_URL === undefined || s.DATABASE_URL !== undefined,
      'needs DATABASE_URL, which the server connects with',
    ),
    ['DATABASE_OWNER_URL'],
  ),
  v.forward(
    v.partialCheck(
      [['PROCESSES'], ['DATABASE_URL']],
      (s) => s.DATABASE_URL !== undefined || !(Number(s.PROCESSES) > 1),
      'more than one needs DATABASE_URL: only one process can use the embedded database',
    ),
    ['PROCESSES'],
  ),
  v.transform((s) => ({
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
      fsync: s.EMBEDDED_FSYNC === 'true',
    },
    backupUrl: s.BACKUP_URL,
    adminKey: s.ADMIN_KEY,
    signingKeySecret: s.SIGNING_KEY_SECRET,
    production: s.NODE_ENV === 'production',
    console: s.CONSOLE === undefined ? s.NODE_ENV !== 'production' : s.CONSOLE === 'true',
    corsOrigins: s.CORS_ORIGINS ?? [],
    allowIntrospection: s.NODE_ENV !== 'production' || s.ALLOW_INTROSPECTION === 'true',
    maxQueryCost: s.MAX_QUERY_COST,
    rateLimits: { perMinute: s.RATE_LIMIT_PER_MINUTE, tenantPerMinute: s.RATE_LIMIT_TENANT_PER_MINUTE },
    trustedProxies: s.TRUST_PROXY,
    maxBodyBytes: s.MAX_BODY_BYTES,
    maxAnswerBytes: s.MAX_ANSWER_BYTES,
    maxSubscriptionsPerTenant: s.MAX_SUBSCRIPTIONS_PER_TENANT,
    keepAliveTimeoutMs: s.KEEP_ALIVE_TIMEOUT_MS,
    shutdownDelayMs: s.SHUTDOWN_DELAY_MS,
    shutdownTimeoutMs: s.SHUTDOWN_TIMEOUT_MS,
    logLevel: s.LOG_LEVEL,
  })),
)

/** The names of all settings. */
export const SETTING_NAMES: readonly string[] = Object.keys(settings.pipe[0].entries)

export type Config = v.InferOutput<typeof settings>
export type DatabaseConfig = Config['database']

/** All settings that can't be used, in one line each. */
export class ConfigError extends Error {
  readonly problems: readonly string[]
  constructor(problems: ReadonlyMap<string, string>) {
    const lines = [...problems].map(([name, problem]) => `${name}: ${problem}`)
    super(`These settings can't be used:\n${lines.map((line) => `  ${line}`).join('\n')}`)
    this.name = 'ConfigError'
    this.problems = lines
  }
}

/**
 * Parses all settings of the server from the environment. An empty variable counts as absent, as in a shell.
 * `isWellFormedKey` checks the format of ADMIN_KEY, since settings know nothing of keys.
 */
export function parseConfig(
  env: Record<string, string | undefined>,
  isWellFormedKey: (key: string) => boolean = () => true,
): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const result = v.safeParse(settings, given)
  const problems = new Map<string, string>()
  // Only the first problem of each setting: a malformed one need not match others.
  const complain = (name: string, problem: string) => problems.set(name, problems.get(name) ?? problem)
  for (const issue of result.issues ?? []) complain(v.getDotPath(issue) ?? '', issue.message)
  if (given['ADMIN_KEY'] !== undefined && !isWellFormedKey(given['ADMIN_KEY'])) {
    complain('ADMIN_KEY', 'is not a well-formed key: its format or checksum is wrong')
  }
  if (!result.success || problems.size > 0) throw new ConfigError(problems)
  return result.output
}
