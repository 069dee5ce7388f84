import { randomUUID } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { hashSecret, hintOf, keyIdOf, lastFourOf, makeSecret, sameHash } from '../../../src/auth/api-key.ts'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const FORM = /^parley_[0-9A-Za-z]{22}_[0-9A-Za-z]{49}$/

/** A secret whose checksum is right, whatever stands before it: written apart from the code under test. */
function withChecksum(body: string): string {
  let checksum = crc32(body)
  let digits = ''
  for (; digits.length < 6; checksum = Math.floor(checksum / 62)) digits = ALPHABET[checksum % 62] + digits
  return body + digits
}

test('a secret is base62 of one length and holds the id of its key', () => {
  for (let i = 0; i < 1_000; i++) {
    const id = randomUUID()
    const secret = makeSecret(id)
    expect(secret).toMatch(FORM)
    expect(keyIdOf(secret)).toBe(id)
  }
})

test('leading zero bytes of an id keep their place', () => {
  const ids = [
    '00000000-0000-0000-0000-000000000000',
    '00000000-0000-0000-0000-000000000001',
    '00000000-0000-7000-8000-000000000000',
    '00ff0000-0000-7000-8000-00000000ff00',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
  ]
  for (const id of ids) {
    expect(makeSecret(id)).toMatch(FORM)
    expect(keyIdOf(makeSecret(id))).toBe(id)
  }
  expect(makeSecret(ids[1] ?? '').startsWith('parley_0000000000000000000001_')).toBe(true)
})

test('the form does not change: a secret given out once is taken for ever', () => {
  const body = `parley_0000000000000000000001_${'0'.repeat(42)}1`
  expect(withChecksum(body)).toBe(`${body}32bIbx`)
  expect(keyIdOf(`${body}32bIbx`)).toBe('00000000-0000-0000-0000-000000000001')
})

test('no two secrets of one key are the same', () => {
  const id = randomUUID()
  const secrets = Array.from({ length: 100 }, () => makeSecret(id))
  expect(new Set(secrets).size).toBe(100)
  expect(new Set(secrets.map((secret) => secret.slice(0, 30))).size).toBe(1)
})

test('a change of any one character is refused', () => {
  const secret = makeSecret(randomUUID())
  const taken: string[] = []
  for (let place = 0; place < secret.length; place++) {
    for (const character of `${ALPHABET}_-. `) {
      if (character === secret[place]) continue
      const changed = secret.slice(0, place) + character + secret.slice(place + 1)
      if (keyIdOf(changed) !== null) taken.push(changed)
    }
  }
  expect(taken).toEqual([])
})

test('two characters that changed places are refused', () => {
  const secret = makeSecret(randomUUID())
  for (let place = 0; place < secret.length - 1; place++) {
    const [before, a, b, after] = [secret.slice(0, place), secret[place], secret[place + 1], secret.slice(place + 2)]
    if (a !== b) expect(keyIdOf(`${before}${b}${a}${after}`)).toBeNull()
  }
})

test('what is too short, too long or wrapped in something is refused', () => {
  const secret = makeSecret(randomUUID())
  const wrong = [
    '',
    'parley_',
    secret.slice(0, -1),
    secret.slice(1),
    `${secret}0`,
    `${secret}\n`,
    ` ${secret}`,
    `"${secret}"`,
    `${secret} ${secret}`,
    secret.toUpperCase(),
    secret.replace('parley_', 'Parley_'),
  ]
  for (const text of wrong) expect(keyIdOf(text)).toBeNull()
})

test('a number too large for its bytes is refused, though its checksum is right', () => {
  const [id, random] = ['0'.repeat(22), '0'.repeat(43)]
  const taken = (publicId: string, secretBits: string) => keyIdOf(withChecksum(`parley_${publicId}_${secretBits}`))
  expect(taken(id, random)).toBe('00000000-0000-0000-0000-000000000000')
  expect(taken('z'.repeat(22), random)).toBeNull()
  expect(taken(id, 'z'.repeat(43))).toBeNull()
})

test('a letter outside ASCII is no base62, though its checksum is right', () => {
  const body = `parley_${'0'.repeat(22)}_${'0'.repeat(42)}`
  for (const character of ['é', 'Ａ', '０', '-', '+', '/']) {
    expect(keyIdOf(withChecksum(body + character))).toBeNull()
  }
})

test('a hint shows the public id and the last four characters, and nothing else', () => {
  const id = randomUUID()
  const secret = makeSecret(id)
  expect(hintOf(id, lastFourOf(secret))).toBe(`${secret.slice(0, 30)}…${secret.slice(-4)}`)
})

test('hashes are SHA-256, and compared whole', () => {
  expect(Buffer.from(hashSecret('abc')).toString('hex')).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  )
  expect(sameHash(hashSecret('abc'), hashSecret('abc'))).toBe(true)
  expect(sameHash(hashSecret('abc'), hashSecret('abd'))).toBe(false)
  expect(sameHash(hashSecret('abc'), hashSecret('abc').subarray(0, 31))).toBe(false)
})
