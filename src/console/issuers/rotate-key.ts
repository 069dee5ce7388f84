import { html, nothing } from 'lit'
import { ParleyRequestError } from '../../client/errors.ts'
import type { Mutation } from '../../client/generated/schema-types.ts'
import { define } from '../../embed/define.ts'
import { DialogPart } from '../parts/dialog-part.ts'
import { failureNotice } from '../parts/notice.ts'
import { Submission } from '../parts/submission.ts'
import { ROTATE_SIGNING_KEY } from './documents.ts'

/** Gives Parley a new key for its own tokens. */
export class RotateKey extends DialogPart {
  /** Not repeated automatically: each rotation creates another key. */
  readonly #submission = new Submission(this, { isRepeatable: false })

  protected heading(): string {
    return 'Rotate the signing key'
  }

  protected renderBody() {
    const { error } = this.#submission
    const isMissing = error instanceof ParleyRequestError && error.code === 'NOT_CONFIGURED'
    return html`<p>After this, new embed tokens are signed with a new key.</p>
      <p>
        Tokens signed with the previous key are accepted until they expire, so nobody is interrupted. This ends no tokens:
        to end those of a tenant, use “Revoke all tokens” on the tenant’s page.
      </p>
      ${failureNotice(
        this.#submission,
        'No response arrived, so the key may have been rotated. The request was not repeated automatically, because each rotation creates another key. The audit log says whether it was done.',
      )}
      ${
        isMissing
          ? html`<p class="notice">
              Parley stores its signing keys encrypted, and has no secret to encrypt them with. Set
              <code>SIGNING_KEY_SECRET</code> to 32 or more random characters, the same for all of its processes, and
              restart them. Until then, it can’t create embed tokens. Tokens of your own issuers don’t
              need the secret.
            </p>`
          : nothing
      }`
  }

  protected renderButtons() {
    const { isSending, state } = this.#submission
    const isLost = state === 'lost'
    return html`${this.cancelButton(isLost ? 'Close' : 'Cancel')}
      <button class="primary" ?disabled=${isSending}>${isSending ? 'Rotating…' : isLost ? 'Rotate again' : 'Rotate signing key'}</button>`
  }

  protected get lossText(): string {
    return 'No response arrived: the signing key may have been rotated.'
  }

  protected override async submit() {
    const { app } = this
    if (this.#submission.isSending) return
    const answer = await this.#submission.run(() => app.api.ask<Pick<Mutation, 'rotateSigningKey'>>(ROTATE_SIGNING_KEY))
    // Somebody may have been signed out meanwhile.
    if (!answer || !this.isConnected) return
    this.close()
    app.announce(`New embed tokens are signed with the key ${answer.rotateSigningKey.keyId}.`)
  }
}

define('console-rotate-key', RotateKey)
