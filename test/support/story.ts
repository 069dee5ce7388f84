import { beforeAll } from 'vitest'

/** As much of Vitest's own as this needs: the option that a `describe` may have, which it reads after the hooks. */
interface Suite {
  shuffle?: boolean | undefined
  tasks: readonly object[]
}

/**
 * Call it at the top of a test file, or of a `describe`, whose tests find things as the one before has left them: they keep
 * their order where tests are shuffled (`--sequence.shuffle.tests`). All others must pass in any order.
 */
export function isStory() {
  // Vitest wants it destructured.
  // biome-ignore lint/correctness/noEmptyPattern: see above
  beforeAll(({}, suite) => keepOrder(suite))
}

function keepOrder(suite: Suite) {
  suite.shuffle = false
  for (const task of suite.tasks) if ('tasks' in task) keepOrder(task as Suite)
}
