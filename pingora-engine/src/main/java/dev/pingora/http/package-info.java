/**
 * HTTP messages without a wire: what filters read and edit.
 * <p>
 * Start with {@link dev.pingora.http.RequestHeader} and
 * {@link dev.pingora.http.ResponseHeader}; both hold {@link dev.pingora.http.Headers}.
 * {@link dev.pingora.http.HeadTable} is the recycled storage beneath them, for codecs.
 * <p>
 * May import: {@code error}.
 */
@NullMarked
package dev.pingora.http;

import org.jspecify.annotations.NullMarked;
