import { builder, type InputFields } from '../graphql/builder.ts'
import { Scope } from './scope.graphql.ts'

const NAME = 'Display name, up to 256 characters.'
const NOTE = 'Note for administrators, such as who uses the key, up to 10,000 characters.'
const SCOPES = 'What the key may do: at least one scope, and none that your own key lacks.'
const EXPIRES_AT = 'When the key expires, in the future. It must not be later than the expiry of your own key.'
const REQUESTS =
  'Maximum number of requests of the key per minute, for all tenants together: 1 to 1,000,000, and not more than that of your own key. Its tokens do not count.'
const NETWORKS =
  'Up to 20 networks that the key is accepted from, in CIDR notation, such as 203.0.113.0/24 or 2001:db8::/32. They must lie within those of your own key. Its tokens are for browsers, and are accepted from anywhere. An empty list allows any address.'
const AUTO_CREATE = 'Lets a write for a tenant that does not exist create the tenant. Account keys only.'

/** The input field that every mutation has that returns a secret. */
const idempotencyKey = (t: InputFields) =>
  t.string({
    required: false,
    description:
      'Idempotency key, for when the answer is lost: a retry with the same API key, `idempotencyKey` and input within 10 minutes returns the same secret and changes nothing; the audit log records it as `repeated`. Use 32 random bytes in hex, such as `openssl rand -hex 32` makes: 32 to 256 characters, and not a UUID, with or without dashes, which has too few random bits. It is never stored, and the secret is encrypted with a key derived from it. With a different input or mutation, or if the secret is no longer accepted, it is refused with IDEMPOTENCY_CONFLICT.',
  })

export const GenerateApiKeyInput = builder.inputType('GenerateApiKeyInput', {
  description: 'The API key to generate.',
  fields: (t) => ({
    name: t.string({ required: true, description: NAME }),
    note: t.string({ required: false, description: `${NOTE} Default: none.` }),
    scopes: t.field({ type: [Scope], required: true, description: SCOPES }),
    tenantId: t.id({
      required: false,
      description: 'The tenant to bind the key to. Default: none, for an account key.',
    }),
    expiresAt: t.field({
      type: 'DateTime',
      required: false,
      description: `${EXPIRES_AT} Default: never, unless your own key has an expiry; then it is required.`,
    }),
    requestsPerMinute: t.int({
      required: false,
      description: `${REQUESTS} Default: none, unless your own key has one; then it is required.`,
    }),
    allowedNetworks: t.stringList({ required: true, defaultValue: [], description: NETWORKS }),
    autoCreateTenants: t.boolean({ required: true, defaultValue: false, description: AUTO_CREATE }),
    idempotencyKey: idempotencyKey(t),
  }),
})

export const UpdateApiKeyInput = builder.inputType('UpdateApiKeyInput', {
  description:
    'The key to update, and its new values. Absent fields keep their value. Null clears `note`, `expiresAt` and `requestsPerMinute`, and nothing else.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Id of an active key, `key_…`.' }),
    name: t.string({ required: false, description: NAME }),
    note: t.string({ required: false, description: `${NOTE} Null clears it.` }),
    scopes: t.field({ type: [Scope], required: false, description: `${SCOPES} Replaces the whole list.` }),
    expiresAt: t.field({
      type: 'DateTime',
      required: false,
      description: `${EXPIRES_AT} Null means that the key never expires.`,
    }),
    requestsPerMinute: t.int({
      required: false,
      description: `${REQUESTS} Null means that only the limits of the server apply.`,
    }),
    allowedNetworks: t.stringList({
      required: false,
      description: `${NETWORKS} Replaces the whole list. Those of your own key must include the address of this request.`,
    }),
    autoCreateTenants: t.boolean({ required: false, description: AUTO_CREATE }),
  }),
})

export const RegenerateApiKeyInput = builder.inputType('RegenerateApiKeyInput', {
  description: 'The API key that gets a new secret.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Id of an active key, `key_…`.' }),
    overlapSeconds: t.int({
      required: true,
      defaultValue: 0,
      description:
        "How long the old secret is still accepted, in seconds: 0 to 2,592,000 (30 days). Cut off at the key's expiry. If the key is your own, a retry with the `idempotencyKey` needs the old secret.",
    }),
    idempotencyKey: idempotencyKey(t),
  }),
})

export const RevokeApiKeyInput = builder.inputType('RevokeApiKeyInput', {
  description: 'The API key to revoke.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Id of the key, `key_…`.' }) }),
})
