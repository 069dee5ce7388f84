import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { migratedDatabase, ServerProcess, useProcesses } from '../../support/process.ts'

const RESTORE =
  'Restore a backup as src/database/README.md says under "Backup and restore", or name another directory to start with an empty database.'
const DAMAGED = `Its files are damaged, or something else has changed them. ${RESTORE}`

const segments = (place: string) => readdirSync(join(place, 'pg_wal')).filter((name) => /^[0-9A-F]{24}$/.test(name))

useProcesses()

/** What somebody may do to the files, and what a start then says. */
const DAMAGE: Record<string, { spoil(place: string): void; says(place: string): string }> = {
  'a control file that was cut off': {
    spoil: (place) => truncateSync(join(place, 'global/pg_control'), 100),
    says: () => `could not read file "global/pg_control": read 100 of 296. ${DAMAGED}`,
  },
  'a log that is missing': {
    spoil: (place) => {
      for (const name of segments(place)) rmSync(join(place, 'pg_wal', name))
    },
    says: () => `could not locate a valid checkpoint record at `,
  },
  'a log of zeros': {
    spoil: (place) => {
      for (const name of segments(place)) writeFileSync(join(place, 'pg_wal', name), Buffer.alloc(16_777_216))
    },
    says: () => `could not locate a valid checkpoint record at `,
  },
  'a missing version': {
    spoil: (place) => rmSync(join(place, 'PG_VERSION')),
    says: (place) => `its files are damaged: ${place}/PG_VERSION is missing. ${RESTORE}`,
  },
  'a version that is none': {
    spoil: (place) => writeFileSync(join(place, 'PG_VERSION'), '\u0007?'),
    says: (place) => `its files are damaged: ${place}/PG_VERSION holds no version. ${RESTORE}`,
  },
  'missing settings of PostgreSQL': {
    spoil: (place) => rmSync(join(place, 'postgresql.conf')),
    says: (place) => `its files are damaged: ${place}/postgresql.conf is missing. ${RESTORE}`,
  },
  'an empty directory': {
    spoil: (place) => {
      rmSync(place, { recursive: true })
      mkdirSync(place)
    },
    says: (place) => `its files are damaged: ${place}/PG_VERSION is missing. ${RESTORE}`,
  },
  'a file in its place': {
    spoil: (place) => {
      rmSync(place, { recursive: true })
      writeFileSync(place, '')
    },
    says: (place) => `${place} is not a directory. ${RESTORE}`,
  },
  'another version of PostgreSQL': {
    spoil: (place) => writeFileSync(join(place, 'PG_VERSION'), '17\n'),
    says: () =>
      'it was made by PostgreSQL 17, and this version of Parley needs 18. Start the version of Parley that made it, or restore a backup of it.',
  },
}

describe.skipIf(inject('databaseKind') === 'postgresql')('a start on a damaged DATA_DIR', () => {
  // Anybody could decrypt the keys that are encrypted with nothing.
  test.each(['', 'half of it'])('a signing-key-secret that is "%s"', async (secret) => {
    const { DATA_DIR = '' } = await migratedDatabase()
    writeFileSync(join(DATA_DIR, 'signing-key-secret'), secret)
    const server = new ServerProcess({ DATA_DIR, SIGNING_KEY_SECRET: '' })
    expect(await server.ended).toBe(1)
    expect(server.stderr).toContain(`DATA_DIR: ${DATA_DIR}/signing-key-secret is damaged. Restore it from a backup.`)
  })

  test.each(Object.entries(DAMAGE))('%s', async (_name, { spoil, says }) => {
    const { DATA_DIR = '' } = await migratedDatabase()
    spoil(join(DATA_DIR, 'database'))
    const server = new ServerProcess({ DATA_DIR })
    expect(await server.ended).toBe(1)
    const [line] = server.lines
    const message = server.stderr + JSON.stringify(line ?? {}).replaceAll('\\"', '"')
    expect(message).toContain(
      `DATA_DIR: the database in ${DATA_DIR} can't be opened: ${says(join(DATA_DIR, 'database'))}`,
    )
  })
})

describe.skipIf(inject('databaseKind') === 'postgresql' || process.getuid?.() !== 0)(
  'a start as a user who may not write',
  () => {
    const NOBODY = 65_534
    const asNobody = {
      NODE_OPTIONS: `--import=data:text/javascript,process.setgid(${NOBODY});process.setuid(${NOBODY})`,
    }

    /** What a start says if this is all that the user may not write to. */
    async function refusalWithout(path: string, mode?: number): Promise<string> {
      const { DATA_DIR = '' } = await migratedDatabase()
      chownSync(DATA_DIR, NOBODY, NOBODY)
      for (const entry of readdirSync(DATA_DIR, { recursive: true, encoding: 'utf8' }))
        chownSync(join(DATA_DIR, entry), NOBODY, NOBODY)
      chownSync(join(DATA_DIR, path), 0, 0)
      chmodSync(join(DATA_DIR, path), mode ?? (path.includes('.') || path === 'lock' ? 0o644 : 0o755))
      const server = new ServerProcess({ DATA_DIR, ...asNobody })
      expect(await server.ended).toBe(1)
      return (server.stderr + server.stdout).replaceAll(DATA_DIR, 'DIR')
    }

    test.each([
      [
        'lock',
        `DATA_DIR: DIR can't be written to: EACCES: permission denied, access 'DIR/lock'. Let the user that runs Parley write to it`,
      ],
      [
        'database',
        `can't be opened: DIR/database is read-only for this process (EACCES). Let the user that runs Parley write to it`,
      ],
      [
        'database/pg_wal',
        `can't be opened: DIR/database/pg_wal is read-only for this process (EACCES). Let the user that runs Parley write to it`,
      ],
      [
        'database/global/pg_control',
        `can't be opened: DIR/database/global/pg_control is read-only for this process (EACCES). Let the user that runs Parley`,
      ],
    ])('%s', async (path, says) => {
      expect(await refusalWithout(path)).toContain(says)
    })

    // What may not even be looked into is not damaged.
    test('database, with the mode that it has', async () => {
      expect(await refusalWithout('database', 0o700)).toContain(
        `can't be opened: DIR/database is read-only for this process (EACCES). Let the user that runs Parley write to it`,
      )
    })
  },
)
