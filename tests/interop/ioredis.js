// ioredis as redis_story.js wants it: each of its own ways under a plain name.

'use strict'

const Redis = require('ioredis')

async function connect(port, protocol) {
  const redis = new Redis({ host: '127.0.0.1', port, protocol })
  redis.on('error', () => {}) // it connects again; a call that fails says so
  await new Promise((resolve) => redis.once('ready', resolve))

  return {
    get: (key) => redis.getBuffer(key),
    set: (key, value) => redis.set(key, value),
    setMany: (words) => redis.mset(words),
    watch: (key) => redis.watch(key),
    close: () => redis.quit(),
    reconnected: () => new Promise((resolve) => redis.once('ready', resolve)),

    async incrementMany(key, times) {
      const pipeline = redis.pipeline()
      for (let i = 0; i < times; i++) pipeline.incr(key)
      return unwrap(await pipeline.exec())
    },

    async transaction(key) {
      const replies = await redis.multi().set(key, 1).incr(key).get(key).exec()
      return replies === null ? null : unwrap(replies)
    },

    async scan(match, count) {
      const keys = []
      for await (const page of redis.scanStream({ match, count })) keys.push(...page)
      return keys
    }
  }
}

// Its pipelines answer pairs of an error and a value.
function unwrap(replies) {
  return replies.map(([problem, value]) => {
    if (problem) throw problem
    return value
  })
}

module.exports = { connect }
