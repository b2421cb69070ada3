/** What the front needs of Vert.x beyond its public face, kept in one place with a test each. */
@NullMarked
package io.etcdj.server.front.vertx;

import org.jspecify.annotations.NullMarked;
