import { ParleyRequestError } from '../client/errors.ts'

/** An attribute has a value that no request can be made of. */
export class AttributeError extends ParleyRequestError {
  readonly attribute: string
  readonly value: string

  constructor(attribute: string, value: string) {
    super(`The attribute ${attribute} is invalid: ${value}`, 'INVALID_ATTRIBUTE')
    this.attribute = attribute
    this.value = value
  }
}
