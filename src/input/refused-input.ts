import { formatInputPath, type InputPath, ParleyError } from '../errors.ts'

/**
 * Replaces a refused value in an input if the reason is known before the path. `checkInput` then throws it as an error.
 */
export abstract class RefusedInput {
  abstract errorAt(path: InputPath): ParleyError
}

export interface Fault {
  /** Within the value. */
  path: InputPath
  message: string
}

const MAX_MESSAGE_LENGTH = 300

/** A value that does not match its type, with all the faults that were found. */
export class UnfitInput extends RefusedInput {
  readonly #faults: readonly Fault[]

  constructor(faults: readonly Fault[]) {
    super()
    this.#faults = faults
  }

  override errorAt(path: InputPath): ParleyError {
    const faults = this.#faults.map((fault) => ({
      inputPath: formatInputPath([...path, ...fault.path]),
      // Some messages repeat the value, however long it is.
      message: fault.message.slice(0, MAX_MESSAGE_LENGTH),
    }))
    const inputPaths = [...new Set(faults.map(({ inputPath }) => inputPath))]
    const message = faults.map(({ inputPath, message }) => `${inputPath}: ${message}`).join('\n')
    return new ParleyError('BAD_USER_INPUT', message, { inputPath: inputPaths[0], inputPaths })
  }
}
