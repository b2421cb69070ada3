/** Alarms: conditions that members raised and that restrict the cluster until they are disarmed. */
@NullMarked
package io.etcdj.state.alarm;

import org.jspecify.annotations.NullMarked;
