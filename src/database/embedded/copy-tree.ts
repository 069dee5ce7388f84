import { constants, copyFileSync, mkdirSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { freeBytes } from './disk-space.ts'

/** What must stay free on the disk that is copied to, because the database may be on the same one. */
const RESERVE_BYTES = 128 * 1_048_576

/**
 * Copies a directory to one that must not exist yet; removes a copy that fails. Unlike `cpSync`, it clones files if the
 * file system can (Btrfs, XFS, APFS), which takes no time.
 */
export function copyTree(from: string, to: string): void {
  if (`${realpathSync(dirname(to))}${sep}`.startsWith(`${realpathSync(from)}${sep}`)) {
    throw new Error(`${to} is inside ${from}, which is to be copied. Name a directory outside of it.`)
  }
  refuseIfTooLarge(from, dirname(to))
  mkdirSync(to, { mode: 0o700 })
  try {
    copyInto(from, to)
  } catch (error) {
    rmSync(to, { recursive: true, force: true })
    throw error
  }
}

function copyInto(from: string, to: string) {
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) {
      mkdirSync(target, { mode: 0o700 })
      copyInto(source, target)
    } else if (entry.isFile()) copyFileSync(source, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
  }
}

function refuseIfTooLarge(from: string, directory: string) {
  const neededBytes = sizeOf(from) + RESERVE_BYTES
  if (freeBytes(directory) >= neededBytes) return
  throw new Error(
    `${directory} has too little room: ${Math.ceil(neededBytes / 1_048_576)} MB must be free on its disk.`,
  )
}

/** The size of the files below a directory, in bytes. */
export const sizeOf = (directory: string): number =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((bytes, { parentPath, name }) => bytes + statSync(join(parentPath, name)).size, 0)
