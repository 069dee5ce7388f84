import { setPriority } from 'node:os'
import { type AttackOrder, attack } from './attacker.ts'

/** A tenth of what others have of a core that is busy. */
setPriority(10)

/** Carries out what its parent orders, and answers each order once. */
process.on('message', async (order: AttackOrder) => {
  process.send?.({ report: await attack(order) })
})
process.once('disconnect', () => process.exit())
