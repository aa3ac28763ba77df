# SPDX-License-Identifier: Apache-2.0
"""Functions and types that the C library declares outside of any namespace.

A package is a namespace, so the first part of its name cannot be one of them.
"""

C_NAMES = frozenset(
    """
    abort abs access acct acos acosf acosh acoshf acoshl acosl alarm aligned_alloc alloca asctime
    asctime_r asin asinf asinh asinhf asinhl asinl asprintf at_quick_exit atan atanf atanh atanhf
    atanhl atanl atexit atof atoi atol atoll basename bcmp bcopy brk bsearch btowc bzero caddr_t
    calloc canonicalize canonicalize_file_name canonicalizef canonicalizel cbrt cbrtf cbrtl ceil
    ceilf ceill chdir chown chroot clearenv clearerr clock clock_adjtime clock_getcpuclockid
    clock_getres clock_gettime clock_nanosleep clock_settime clock_t clockid_t clone close
    close_range closefrom confstr copy_file_range copysign copysignf copysignl cos cosf cosh coshf
    coshl cosl crypt ctermid ctime ctime_r cuserid daddl daddr_t daemon daylight ddivl dev_t dfmal
    difftime div div_t dmull dprintf drem dremf dreml dsqrtl dsubl dup duplocale dysize eaccess
    ecvt ecvt_r endusershell environ erf erfc erfcf erfcl erff erfl euidaccess execl execle execlp
    execv execve execveat execvp execvpe exit exp expf expl explicit_bzero fabs fabsf fabsl
    faccessat fadd faddl fchdir fchown fchownat fclose fcloseall fcvt fcvt_r fdatasync fdim fdimf
    fdiml fdiv fdivl fdopen feof ferror fexecve fflush ffma ffmal ffs ffsl ffsll fgetc fgetpos
    fgets fgetwc fgetws fileno finite finitef finitel flockfile floor floorf floorl fma fmaf fmal
    fmax fmaxf fmaximum fmaximum_mag fmaximum_mag_num fmaximum_mag_numf fmaximum_mag_numl
    fmaximum_magf fmaximum_magl fmaximum_num fmaximum_numf fmaximum_numl fmaximumf fmaximuml fmaxl
    fmaxmag fmaxmagf fmaxmagl fmemopen fmin fminf fminimum fminimum_mag fminimum_mag_num
    fminimum_mag_numf fminimum_mag_numl fminimum_magf fminimum_magl fminimum_num fminimum_numf
    fminimum_numl fminimumf fminimuml fminl fminmag fminmagf fminmagl fmod fmodf fmodl fmul fmull
    fopen fopencookie fork fpathconf fpos_t fprintf fputc fputs fputwc fputws fread free freelocale
    freopen frexp frexpf frexpl fromfp fromfpf fromfpl fromfpx fromfpxf fromfpxl fscanf fseek
    fseeko fsetpos fsqrt fsqrtl fsub fsubl fsync ftell ftello ftruncate ftrylockfile funlockfile
    fwide fwprintf fwrite fwscanf gamma gammaf gammal gcvt get_current_dir_name getc getchar getcpu
    getcwd getdate getdate_r getdelim getdomainname getdtablesize getegid getentropy getenv geteuid
    getgid getgroups gethostid gethostname getline getloadavg getlogin getlogin_r getopt
    getpagesize getpass getpayload getpayloadf getpayloadl getpgid getpgrp getpid getppid getpt
    getresgid getresuid getsid getsubopt gettid getuid getusershell getw getwc getwchar getwd gid_t
    gmtime gmtime_r grantpt group_member hypot hypotf hypotl id_t ilogb ilogbf ilogbl index
    initstate initstate_r ino_t isalnum isalnum_l isalpha isalpha_l isascii isatty isblank
    isblank_l iscntrl iscntrl_l isctype isdigit isdigit_l isgraph isgraph_l isinff isinfl islower
    islower_l isnanf isnanl isprint isprint_l ispunct ispunct_l isspace isspace_l isupper isupper_l
    isxdigit isxdigit_l itimerspec jn jnf jnl key_t labs lchown lconv ldexp ldexpf ldexpl ldiv
    ldiv_t lgamma lgamma_r lgammaf lgammaf_r lgammal lgammal_r link linkat llabs lldiv llogb llogbf
    llogbl llrint llrintf llrintl llround llroundf llroundl localeconv localtime localtime_r lockf
    loff_t log logb logbf logbl logf logl lrint lrintf lrintl lround lroundf lroundl lseek malloc
    max_align_t mblen mbrlen mbrtowc mbsinit mbsnrtowcs mbsrtowcs mbstate_t mbstowcs mbtowc memccpy
    memchr memcmp memcpy memfrob memmem memmove mempcpy memrchr memset mkdtemp mkostemp mkostemps
    mkstemp mkstemps mktemp mktime mode_t modf modff modfl nan nanf nanl nanosleep nearbyint
    nearbyintf nearbyintl newlocale nextafter nextafterf nextafterl nextdown nextdownf nextdownl
    nexttoward nexttowardf nexttowardl nextup nextupf nextupl nice nlink_t obstack_printf
    obstack_vprintf off_t on_exit open_memstream open_wmemstream optarg optind pathconf pause
    pclose perror pid_t pipe popen posix_memalign posix_openpt pow powf powl pread printf profil
    pselect ptsname ptsname_r putc putchar putenv puts putw putwc putwchar pwrite qecvt qecvt_r
    qfcvt qfcvt_r qgcvt qsort qsort_r quad_t quick_exit rand rand_r random random_r rawmemchr read
    readlink readlinkat realloc reallocarray realpath register_t remainder remainderf remainderl
    remove remquo remquof remquol rename renameat revoke rewind rindex rint rintf rintl rmdir round
    roundeven roundevenf roundevenl roundf roundl rpmatch sbrk scalb scalbf scalbl scalbln scalblnf
    scalblnl scalbn scalbnf scalbnl scanf secure_getenv select setbuf setbuffer setdomainname
    setegid setenv seteuid setgid sethostid sethostname setlinebuf setlocale setlogin setns
    setpayload setpayloadf setpayloadl setpayloadsig setpayloadsigf setpayloadsigl setpgid setpgrp
    setregid setresgid setresuid setreuid setsid setstate setstate_r setuid setusershell setvbuf
    sigabbrev_np sigdescr_np sigevent signgam significand significandf significandl sigset_t sin
    sincos sincosf sincosl sinf sinh sinhf sinhl sinl size_t sleep snprintf sprintf sqrt sqrtf
    sqrtl srand srandom srandom_r sscanf ssize_t stderr stdin stdout stpcpy stpncpy strcasecmp
    strcasecmp_l strcasestr strcat strchr strchrnul strcmp strcoll strcoll_l strcpy strcspn strdup
    strerror strerror_l strerror_r strerrordesc_np strerrorname_np strfromd strfromf strfroml
    strfry strftime strftime_l strlen strncasecmp strncasecmp_l strncat strncmp strncpy strndup
    strnlen strpbrk strptime strptime_l strrchr strsep strsignal strspn strstr strtod strtod_l
    strtof strtof_l strtok strtok_r strtol strtold strtold_l strtoll strtoll_l strtoq strtoul
    strtoul_l strtoull strtoull_l strtouq strverscmp strxfrm strxfrm_l suseconds_t swab swprintf
    swscanf symlink symlinkat sync syncfs syscall sysconf system tan tanf tanh tanhf tanhl tanl
    tcgetpgrp tcsetpgrp tempnam tgamma tgammaf tgammal time time_t timegm timelocal timer_create
    timer_delete timer_getoverrun timer_gettime timer_settime timer_t timespec timespec_get
    timespec_getres timeval timezone tm tmpfile tmpnam tmpnam_r toascii tolower tolower_l
    totalorder totalorderf totalorderl totalordermag totalordermagf totalordermagl toupper
    toupper_l trunc truncate truncf truncl ttyname ttyname_r ttyslot tzname tzset ualarm ufromfp
    ufromfpf ufromfpl ufromfpx ufromfpxf ufromfpxl uid_t uint ulong ungetc ungetwc unlink unlinkat
    unlockpt unsetenv unshare uselocale ushort usleep valloc vasprintf vdprintf vfork vfprintf
    vfscanf vfwprintf vfwscanf vhangup vprintf vscanf vsnprintf vsprintf vsscanf vswprintf vswscanf
    vwprintf vwscanf wcpcpy wcpncpy wcrtomb wctob wctomb wctrans wctrans_l wctype wctype_l wcwidth
    wint_t wprintf write wscanf yn ynf ynl
    """.split()
)
