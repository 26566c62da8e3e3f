/* Reads of slots, remembered where each is made.

   What mypyc compiles knows where the attributes of its own classes are. Those of others it asks for by name,
   and a struct of msgspec is one: some 17 ns an attribute, 45 attributes a command. Its attributes are slots
   all the same. So each place in the code that reads one remembers where it was, for as long as the type is
   what it was: a type's version tag is changed with whatever is changed of the type, and never given twice.

   The compiler includes this file before the C code of mypyc, whose macro it replaces (decision 0093). */

#include "CPy.h"

#if defined(__GNUC__) && !defined(Py_GIL_DISABLED) && !defined(Py_LIMITED_API)

#include <structmember.h>

typedef struct {
    PyObject *name; /* held, so that no other string takes its place; one place may read several names */
    unsigned int version; /* the version tag of the type; 0 is none's */
    Py_ssize_t offset;
} MemberCache;

__attribute__((noinline, cold, unused)) static PyObject *
MemberCache_Fill(MemberCache *cache, PyObject *object, PyObject *name)
{
    PyTypeObject *type = Py_TYPE(object);
    if (type->tp_getattro == PyObject_GenericGetAttr) {
        PyObject *found = _PyType_Lookup(type, name);
        if (found != NULL && Py_IS_TYPE(found, &PyMemberDescr_Type)) {
            PyMemberDef *member = ((PyMemberDescrObject *)found)->d_member;
            if (member->type == T_OBJECT_EX) {
                Py_INCREF(name);
                Py_XDECREF(cache->name);
                cache->name = name;
                cache->version = type->tp_version_tag;
                cache->offset = member->offset;
            }
        }
    }
    return PyObject_GetAttr(object, name);
}

#undef CPyObject_GetAttr
#define CPyObject_GetAttr(read_of, read_as)                                       \
    __extension__({                                                              \
        static MemberCache cache_;                                               \
        PyObject *object_ = (read_of), *name_ = (read_as), *value_ = NULL;           \
        unsigned int version_ = Py_TYPE(object_)->tp_version_tag;                \
        if (__builtin_expect(name_ == cache_.name && version_ == cache_.version  \
                             && version_ != 0, 1))                               \
            value_ = *(PyObject **)((char *)object_ + cache_.offset);            \
        if (__builtin_expect(value_ != NULL, 1))                                 \
            Py_INCREF(value_);                                                   \
        else                                                                     \
            value_ = MemberCache_Fill(&cache_, object_, name_);                  \
        value_;                                                                  \
    })

#endif
