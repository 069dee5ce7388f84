import { setPriority } from 'node:os'
import { type AttackOrder, attack } from './attacker.ts'

/** When a core is busy, a tenth of what others get. */
setPriority(10)

/** Carries out its parent's orders, and answers each once. */
process.on('message', async (order: AttackOrder) => {
  process.send?.({ report: await attack(order) })
})
process.once('disconnect', () => process.exit())
