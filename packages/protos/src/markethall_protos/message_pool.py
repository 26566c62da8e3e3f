"""Every message by its proto type name, as google.protobuf.Any needs it."""

import betterproto2

default_message_pool = betterproto2.MessagePool()
