# Days and dates of the proleptic Gregorian calendar.
# Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March, so that the day
# that leap years add is the last of one, and 400 years, an era, always have the same length.

from libc.stdint cimport int64_t


cdef struct Date:
    int year
    int month
    int day


cdef inline int64_t days_from_date(int64_t year, int64_t month, int64_t day) noexcept nogil:
    """Days since 1970-01-01, for years from 1 on."""
    if month <= 2:
        year -= 1
    cdef int64_t era = year // 400
    cdef int64_t year_of_era = year - era * 400
    cdef int64_t day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    cdef int64_t day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146097 + day_of_era - 719468


cdef inline Date date_from_days(int64_t days) noexcept nogil:
    """The date `days` after 1970-01-01, from the year 1 on."""
    cdef Date date
    days += 719468
    cdef int64_t era = days // 146097
    cdef int64_t day_of_era = days - era * 146097
    cdef int64_t year_of_era = (
        day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096
    ) // 365
    cdef int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    cdef int64_t month = (5 * day_of_year + 2) // 153
    date.day = <int>(day_of_year - (153 * month + 2) // 5 + 1)
    date.month = <int>(month + 3 if month < 10 else month - 9)
    date.year = <int>(year_of_era + era * 400 + (1 if date.month <= 2 else 0))
    return date
